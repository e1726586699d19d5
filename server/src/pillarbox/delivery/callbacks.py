"""Calling services back at the URLs that they gave (public API contract, section 8).

Nobody may use us to reach what only we can reach: connections to private, loopback and link-local addresses are
refused at the moment they are made, after resolving and on redirects too, unless the operator allows them.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic, time
from typing import Literal

import aiohttp
from yarl import URL

from pillarbox.delivery.public_addresses import NOT_PUBLIC, public_socket
from pillarbox.delivery.resolving import Resolver
from pillarbox.delivery.signing import signed_headers
from pillarbox.store.sealing import Seal, SealBrokenError

TIMEOUT = 5.0  # seconds, redirects included
_MOST_REDIRECTS = 10
_MOST_READ = 65536  # whoever answers with more does not keep the connection
_MOST_KEPT = 1024
_IDLE_SECONDS = 4.0  # common servers hang up after five: a request must not meet them doing so
_KEEP_METHOD = frozenset({301, 302, 307, 308})
_SEE_OTHER = 303

Verdict = Literal["done", "again", "failed"]


@dataclass(frozen=True, slots=True)
class Callback:
    """What is posted to a service.

    Attributes:
        url: where to.
        token: the bearer token, sealed.
        body: JSON.
        webhook_id: the same at each attempt.
    """

    url: str
    token: bytes
    body: bytes
    webhook_id: str


@dataclass(slots=True)
class Outcome:
    """What a service answered: its status, if it answered at all, whether to call again, and the answer's beginning."""

    verdict: Verdict
    status: int | None = None
    reason: str = ""
    answer: bytes = b""
    seconds: float = 0.0


class RefusedError(Exception):
    """We do not go there, today or later; the text says why."""


class CallbackCaller:
    """Calls services back over connections that are kept open. How many at once is up to its caller.

    Args:
        seal: opens the bearer tokens, which are stored sealed.
        private_addresses: whether services may have us call private and loopback addresses.
        plain_http: whether they may have us call without TLS.
    """

    def __init__(self, seal: Seal, *, private_addresses: bool, plain_http: bool) -> None:
        self._seal = seal
        self._schemes = {"https", "http"} if plain_http else {"https"}
        self._resolver = Resolver()
        connector = aiohttp.TCPConnector(
            limit=0,  # nobody may have to wait for others' connections: that would count as their own time
            keepalive_timeout=_IDLE_SECONDS,
            resolver=self._resolver,
            socket_factory=None if private_addresses else public_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None),  # ours goes over redirects, too
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # a kilobyte could become a gigabyte
            headers={
                "Content-Type": "application/json",
                "User-Agent": "Pillarbox",
                "Accept-Encoding": "identity",
            },
        )

    async def call(self, callback: Callback) -> Outcome:
        """POST a callback's body to its URL; whatever happens is an outcome."""
        start = monotonic()
        outcome = await self._outcome(callback)
        outcome.seconds = monotonic() - start
        return outcome

    async def _outcome(self, callback: Callback) -> Outcome:
        """Any exception is one, so that the attempt is on record whatever happens."""
        try:
            token = self._seal.open(callback.token)
            headers = signed_headers(token, callback.webhook_id, int(time()), callback.body)
            async with asyncio.timeout(TIMEOUT) as clock:
                answer = await self._post(URL(callback.url), callback.body, headers)
            async with answer:
                return await _read(answer, clock.when())
        except Exception as error:  # noqa: BLE001 - see above
            return _trouble(error)

    async def _post(self, url: URL, body: bytes, headers: dict[str, str]) -> aiohttp.ClientResponse:
        """Follow redirects with method and body, so that none makes a question of a callback, which anybody answers.

        Only 303 says itself that the callback was taken and that something is to be fetched. Another site gets
        neither token nor signature.
        """
        method, data = "POST", body
        for _ in range(_MOST_REDIRECTS + 1):
            self._check(url)
            answer = await self._session.request(
                method, url, data=data, headers=headers, allow_redirects=False
            )
            there = _redirect(answer)
            if there is None:
                return answer
            answer.release()
            if answer.status == _SEE_OTHER:
                method, data = "GET", b""
            if not _same_site(url, there):
                headers = {}
            url = there
        raise aiohttp.TooManyRedirects(answer.request_info, ())

    def _check(self, url: URL) -> None:
        if url.scheme not in self._schemes:
            raise RefusedError(f"only {' and '.join(sorted(self._schemes))} URLs are called")

    async def close(self) -> None:
        """Let go of all connections."""
        await self._session.close()
        await self._resolver.close()


def _trouble(error: Exception) -> Outcome:
    """What is no URL, no host's name or cannot stand in a header will never be; what is not there may come back."""
    match error:
        case SealBrokenError() | RefusedError():
            return Outcome("failed", reason=str(error))
        case aiohttp.ClientConnectorError():
            # Ours among them: with several addresses they come as one, of which only the words are left.
            reason = str(error.os_error)
            return Outcome("failed" if NOT_PUBLIC in reason else "again", reason=reason)
        case ValueError():
            what = "this is no URL" if isinstance(error, aiohttp.InvalidURL) else error
            return Outcome("failed", reason=f"cannot be called: {what}")
        case TimeoutError():
            return Outcome("again", reason=f"no answer within {TIMEOUT:g} s")
        case aiohttp.ClientError() | OSError():
            return Outcome("again", reason=f"{type(error).__name__}: {error}")
        case _:  # a mistake of ours, whose words might quote anything
            return Outcome("again", reason=type(error).__name__)


def _redirect(answer: aiohttp.ClientResponse) -> URL | None:
    location = answer.headers.get("Location")
    if location is None or answer.status not in {*_KEEP_METHOD, _SEE_OTHER}:
        return None
    return answer.url.join(URL(location))


def _same_site(one: URL, other: URL) -> bool:
    """Whether it is the same server, or the same one with TLS."""
    upgraded = (one.scheme, one.port, other.scheme, other.port) == ("http", 80, "https", 443)
    return one.origin() == other.origin() or (upgraded and one.host == other.host)


async def _read(answer: aiohttp.ClientResponse, until: float | None) -> Outcome:
    """The status decides; what comes of the body behind it is for the record."""
    body = bytearray()
    try:
        async with asyncio.timeout_at(until):
            while len(body) < _MOST_READ and (chunk := await answer.content.read(_MOST_READ)):
                body += chunk
    except (aiohttp.ClientError, OSError):
        pass
    return Outcome(_verdict(answer.status), answer.status, answer.reason or "", bytes(body[:_MOST_KEPT]))


def _verdict(status: int) -> Verdict:
    if status < 400:
        return "done"
    return "again" if status == 429 or status >= 500 else "failed"
