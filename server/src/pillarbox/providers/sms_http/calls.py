"""HTTP calls to a gateway, and which of their failures leave open whether they arrived."""

import aiohttp

from pillarbox.providers.sms_http.finding import Said
from pillarbox.providers.sms_http.writing import Prepared

SECONDS = 10.0  # contract, section 7
# Servers hang up on connections that were idle, some after five seconds; whoever sends just then never learns whether
# the request was read.
_IDLE_SECONDS = 4.0
_MOST_READ = 64 * 1024
_UNASKED = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


class NotSentError(Exception):
    """There was no connection: the gateway has certainly not heard of it."""


class NoAnswerError(Exception):
    """The connection broke, or nothing came in time, after the request may have been sent."""


class Calls:
    """Connections to one gateway, kept open. To be made within a running loop.

    Args:
        connections: how many may be open at once; whoever finds none free waits.
        seconds: how long a call may take, half of it to get a connection: what runs out of time after that may have
            been sent.
    """

    def __init__(self, connections: int, seconds: float = SECONDS) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections, keepalive_timeout=_IDLE_SECONDS, ttl_dns_cache=60
            ),
            timeout=aiohttp.ClientTimeout(total=seconds, connect=seconds / 2, ceil_threshold=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_UNASKED,
            auto_decompress=False,
            middlewares=(_once,),
        )

    async def make(self, method: str, prepared: Prepared) -> Said:
        """Make a call; redirects are answers like others.

        Raises:
            NotSentError: if no connection could be had.
            NoAnswerError: if no whole answer came.
        """
        try:
            async with self._session.request(
                method, prepared.url, data=prepared.body, headers=prepared.headers, allow_redirects=False
            ) as answer:
                return Said(answer.status, answer.headers, await _read(answer.content))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSentError(_words(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise NoAnswerError(_words(error)) from error

    async def close(self) -> None:
        """Hang up."""
        await self._session.close()


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send once: when a connection breaks, aiohttp sends GET and PUT again, and with them a text would go out twice."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise NoAnswerError(_words(error)) from error


async def _read(content: aiohttp.StreamReader) -> bytes:
    """Read an answer, but not more than anybody needs."""
    body = await content.read(_MOST_READ)
    while len(body) < _MOST_READ and not content.at_eof():
        body += await content.read(_MOST_READ - len(body))
    return body


def _words(error: Exception) -> str:
    """What went wrong: the class says it where the text, which may quote a URL with secrets, is left out."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection: {error.os_error}"
    return type(error).__name__
