"""A few connections to a relay, kept open between emails.

aiosmtplib opens them, encrypts them and signs in; from then on a Conversation speaks.
"""

import asyncio
import ssl
from typing import cast

import aiosmtplib

from pillarbox.messages.impersonal import impersonal
from pillarbox.providers.smtp import conversation
from pillarbox.providers.smtp.conversation import Conversation
from pillarbox.providers.smtp.options import Relay

IDLE = 30.0  # seconds after which a connection is opened anew: relays and firewalls forget idle ones


class NoConnectionError(Exception):
    """The relay cannot be reached, or does not want us; the words name nobody."""


class Connections:
    """The connections of one provider that nobody uses just now."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._free: list[Conversation] = []
        self._tls = None if relay.tls == "none" else ssl.create_default_context()

    async def take(self) -> Conversation:
        """Return a connection that was kept, or else a new one.

        Raises:
            NoConnectionError: if there is none.
        """
        return self._kept() or await self.open()

    def give_back(self, used: Conversation) -> None:
        """Keep a connection for whoever comes next, unless it is broken."""
        if used.broken is None:
            self._free.append(used)

    async def close(self) -> None:
        """Say goodbye on all of them."""
        free, self._free = self._free, []
        await asyncio.gather(*(each.quit() for each in free))

    def _kept(self) -> Conversation | None:
        while self._free:
            kept = self._free.pop()
            if kept.broken is None and asyncio.get_running_loop().time() - kept.idle_since < IDLE:
                return kept
            kept.leave()
        return None

    async def open(self) -> Conversation:
        """Open a connection.

        Raises:
            NoConnectionError: if the relay does not answer, or not as it should.
        """
        smtp = self._client()
        try:
            async with asyncio.timeout(conversation.TIMEOUT):
                await smtp.connect()
                await _greet(smtp)
        except TimeoutError as error:
            smtp.close()
            raise NoConnectionError("the relay did not answer in time") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            smtp.close()
            raise NoConnectionError(impersonal(str(error))) from error
        except BaseException:
            smtp.close()
            raise
        return Conversation(cast(asyncio.Transport, smtp.transport), smtp.esmtp_extensions)

    def _client(self) -> aiosmtplib.SMTP:
        relay = self._relay
        return aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls == "implicit",
            start_tls=relay.tls == "starttls",
            tls_context=self._tls,
            username=relay.username,
            password=relay.password,
            timeout=conversation.TIMEOUT,
        )


async def _greet(smtp: aiosmtplib.SMTP) -> None:
    """Ask what the server offers, unless signing in has done so."""
    if not smtp.is_ehlo_or_helo_needed:
        return
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not smtp.is_connected:
            raise
        await smtp.helo()
