"""Handing emails to a relay over a few connections that are kept open (RFC 5321)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Literal

import aiosmtplib

from pillarbox.providers.base import Accepted, Answer, Busy, EmailMessage, PlainProvider, Rejected, Unknown
from pillarbox.providers.kinds import Kind, Options, Surroundings
from pillarbox.providers.mime import ascii_address, build, message_id

TIMEOUT = 30  # seconds


class Relay(Options, frozen=True, kw_only=True):
    """The server that emails are handed to."""

    host: str
    port: int = 25
    tls: Literal["none", "starttls", "implicit"] = "starttls"
    username: str | None = None
    password: str | None = None
    connections: int = 4

    def mistakes(self) -> Sequence[str]:
        """Login needs both or none."""
        if (self.username is None) != (self.password is None):
            return ["username and password go together: one is missing"]
        return ()


class SmtpProvider(PlainProvider):
    """A relay and its pool of connections."""

    def __init__(self, relay: Relay, name: str = "smtp") -> None:
        self.name = name
        self._relay = relay
        self._free: list[aiosmtplib.SMTP] = []
        self._places = asyncio.Semaphore(relay.connections)

    async def submit(self, message: EmailMessage) -> Answer:
        """Hand an email over."""
        try:
            mime = build(message)
        except UnicodeError as error:
            return Rejected(f"an address cannot be written in ASCII: {error}")
        async with self._places:
            try:
                async with self._connection() as smtp:
                    return await _send(smtp, message, mime)
            except (aiosmtplib.SMTPException, OSError) as error:
                return Busy(f"no connection: {error}")

    async def close(self) -> None:
        """Say goodbye on all connections."""
        while self._free:
            smtp = self._free.pop()
            try:
                await smtp.quit()
            except (aiosmtplib.SMTPException, OSError):
                smtp.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection that answers; it is kept afterwards unless something broke."""
        smtp = await self._kept() or await self._connect()
        try:
            yield smtp
        except BaseException:
            smtp.close()
            raise
        if smtp.is_connected:
            self._free.append(smtp)

    async def _kept(self) -> aiosmtplib.SMTP | None:
        """Relays hang up on connections that were idle: one that does not answer NOOP is dropped."""
        while self._free:
            smtp = self._free.pop()
            try:
                await smtp.noop()
            except (aiosmtplib.SMTPException, OSError):
                smtp.close()
            else:
                return smtp
        return None

    async def _connect(self) -> aiosmtplib.SMTP:
        relay = self._relay
        smtp = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls == "implicit",
            start_tls=relay.tls == "starttls",
            username=relay.username,
            password=relay.password,
            timeout=TIMEOUT,
        )
        await smtp.connect()
        return smtp


async def _send(smtp: aiosmtplib.SMTP, message: EmailMessage, mime: bytes) -> Answer:
    """What broke before the data was out is sure not to have gone; after that nobody knows."""
    try:
        await smtp.mail(ascii_address(message.from_address), timeout=TIMEOUT)
        await smtp.rcpt(ascii_address(message.to), timeout=TIMEOUT)
    except aiosmtplib.SMTPResponseException as refusal:
        with suppress(aiosmtplib.SMTPException, OSError):
            await smtp.rset()
        return _refused(refusal)
    try:
        await smtp.data(mime, timeout=TIMEOUT)
    except aiosmtplib.SMTPResponseException as refusal:
        return _refused(refusal)
    except (aiosmtplib.SMTPException, OSError) as error:
        smtp.close()
        return Unknown(str(error))
    return Accepted(reference=message_id(message))


def _refused(refusal: aiosmtplib.SMTPResponseException) -> Answer:
    """4xx means later, 5xx means never (RFC 5321, section 4.2.1)."""
    reason = f"{refusal.code} {refusal.message}"
    return Rejected(reason) if refusal.code >= 500 else Busy(reason)


def _make(name: str, relay: Relay, _surroundings: Surroundings) -> SmtpProvider:
    return SmtpProvider(relay, name)


SMTP = Kind("smtp", frozenset({"email"}), Relay, _make)
