"""Handing texts to Kannel's smsbox by POST: no credentials stand in URLs, and nothing is sent twice by HTTP itself."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import aiohttp

from pillarbox.providers.base import Accepted, Answer, Busy, PlainProvider, Rejected, SmsMessage, Unknown
from pillarbox.providers.kannel.intake import KannelIntake
from pillarbox.providers.kannel.options import REPORTS, USER, Kannel
from pillarbox.providers.kinds import Kind, Surroundings
from pillarbox.providers.smpp.alphabet import encode

_MOST_READ = 4096
_CONNECTIONS = 50
_RUNNING = b"Status: running"


class KannelProvider(PlainProvider):
    """A Kannel."""

    def __init__(self, name: str, kannel: Kannel, api_url: str) -> None:
        self.name = name
        self._kannel = kannel
        self._api_url = api_url
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make a pool. Connections are not kept: on one that Kannel is just closing, a text's fate would be unknown."""
        seconds = self._kannel.timeout
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS, force_close=True),
            timeout=aiohttp.ClientTimeout(total=seconds, connect=seconds / 2),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers={"User-Agent", "Accept-Encoding"},
        )

    async def close(self) -> None:
        """Let go of the pool."""
        if self._session:
            await self._session.close()

    async def submit(self, message: SmsMessage) -> Answer:
        """Hand a text over; Kannel divides it if it is long."""
        if self._session is None:
            return Busy("not started")
        headers = self._headers(message)
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            return Rejected("the sender must be printable characters of ASCII")
        try:
            async with self._session.post(
                self._kannel.url, data=message.content.encode(), headers=headers, allow_redirects=False
            ) as response:
                return _answer(response.status, await response.content.read(_MOST_READ))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Busy(f"no connection: {type(error).__name__}")
        except (aiohttp.ClientError, OSError) as error:
            return Unknown(f"no answer: {type(error).__name__}")

    async def probe(self) -> str | None:
        """Ask for the status page if there is one, else see whether somebody listens."""
        try:
            async with asyncio.timeout(self._kannel.timeout):
                return await (self._status_page() if self._kannel.status_url else self._connects())
        except (aiohttp.ClientError, OSError) as error:
            return f"no connection: {type(error).__name__}"

    async def _status_page(self) -> str | None:
        if self._session is None:
            return "not started"
        async with self._session.get(str(self._kannel.status_url), allow_redirects=False) as response:
            page = await response.content.read(_MOST_READ)
        if response.status == 200 and _RUNNING in page:
            return None
        return f"its status page does not say that it is running (HTTP status {response.status})"

    async def _connects(self) -> str | None:
        url = urlsplit(self._kannel.url)
        port = url.port or (443 if url.scheme == "https" else 80)
        _, writer = await asyncio.open_connection(url.hostname, port)
        writer.close()
        return None

    def _headers(self, message: SmsMessage) -> Mapping[str, str]:
        kannel = self._kannel
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": kannel.username,
            "X-Kannel-Password": kannel.password,
            "X-Kannel-To": message.to,
            "X-Kannel-Coding": "0" if encode(message.content)[0] == 0 else "2",
        }
        if sender := message.sender or kannel.sender:
            headers["X-Kannel-From"] = sender
        if kannel.smsc:
            headers["X-Kannel-SMSC"] = kannel.smsc
        if kannel.validity_minutes:
            headers["X-Kannel-Validity"] = str(kannel.validity_minutes)
        if kannel.receipts:
            headers["X-Kannel-DLR-Mask"] = str(REPORTS)
            headers["X-Kannel-DLR-Url"] = self._receipts_url(message.notification_id)
        return headers

    def _receipts_url(self, notification_id: UUID) -> str:
        """Kannel fills in %d, %A and %T: the kind of report, the SMSC's words, the time."""
        scheme, _, rest = self._api_url.partition("://")
        login = f"{USER}:{self._kannel.token}@" if self._kannel.token else ""
        query = urlencode({"reference": notification_id})
        return f"{scheme}://{login}{rest}/providers/{self.name}/receipts?{query}&status=%d&answer=%A&at=%T"


def _answer(status: int, body: bytes) -> Answer:
    """Kannel answers in words, with the statuses of HTTP: what is wrong with a text is a bad request."""
    reason = body.decode("latin-1").strip()[:200]
    if 200 <= status < 300:
        return Accepted()
    if status == 400:
        return Rejected(reason or "a bad request", str(status))
    return Busy(reason or "no reason given", str(status))


def _make(name: str, kannel: Kannel, surroundings: Surroundings) -> KannelProvider:
    return KannelProvider(name, kannel, (kannel.api_url or surroundings.api_url).rstrip("/"))


KANNEL = Kind("kannel", frozenset({"sms"}), Kannel, _make, KannelIntake)
