"""Handing emails to a relay over a few connections that are kept open (RFC 5321)."""

import asyncio

from pillarbox.providers.base import Accepted, Answer, Busy, EmailMessage, PlainProvider, Rejected
from pillarbox.providers.kinds import Kind, Surroundings
from pillarbox.providers.mime import build, message_id
from pillarbox.providers.smtp.answers import answer
from pillarbox.providers.smtp.bounces.intake import BounceIntake
from pillarbox.providers.smtp.connections import Connections, NoConnectionError
from pillarbox.providers.smtp.conversation import Said
from pillarbox.providers.smtp.envelope import Envelope
from pillarbox.providers.smtp.options import Relay


class SmtpProvider(PlainProvider):
    """A relay and its pool of connections."""

    def __init__(self, relay: Relay, name: str = "smtp") -> None:
        self.name = name
        self._relay = relay
        self._signer = relay.dkim.signer() if relay.dkim else None
        self._connections = Connections(relay)
        self._places = asyncio.Semaphore(relay.connections)

    async def submit(self, message: EmailMessage) -> Answer:
        """Hand an email over."""
        try:
            envelope = Envelope.of(message, self._relay.bounce_address)
            mime = build(message)
        except ValueError:  # it may quote the address
            return Rejected("an address cannot be written in ASCII")
        if self._signer is not None:
            mime = self._signer.sign(mime)
        try:
            async with self._places:
                said = await self._send(envelope, mime)
        except NoConnectionError as error:
            return Busy(f"no connection: {error}")
        return answer(said, self._taken(message))

    async def close(self) -> None:
        """Say goodbye on all connections."""
        await self._connections.close()

    async def probe(self) -> str | None:
        """Open a connection, sign in, and ask for a sign of life."""
        try:
            async with self._places:
                fresh = await self._connections.open()
                replies = await fresh.ask(b"NOOP\r\n")
                await fresh.quit()
        except NoConnectionError as error:
            return f"no connection: {error}"
        if not replies:
            return fresh.broken
        return None if replies[0].code == 250 else f"{replies[0].code} in answer to NOOP"

    async def _send(self, envelope: Envelope, mime: bytes) -> Said:
        """Relays hang up on connections that were idle or carried many emails: then a new one is tried at once."""
        conversation = await self._connections.take()
        was_kept = not conversation.is_fresh
        said = await conversation.send(envelope, mime)
        if was_kept and _hung_up_before(said):
            conversation = await self._connections.open()
            said = await conversation.send(envelope, mime)
        self._connections.give_back(conversation)
        return said

    def _taken(self, message: EmailMessage) -> Accepted:
        hours = self._relay.delivered_after_hours
        if hours is None:
            return Accepted(reference=message_id(message))
        return Accepted(reference=message_id(message), receipt="delivered", receipt_in=hours * 3600)


def _hung_up_before(said: Said) -> bool:
    return said.stage == "MAIL" and (said.reply is None or said.reply.code == 421)


def _make(name: str, relay: Relay, _surroundings: Surroundings) -> SmtpProvider:
    return SmtpProvider(relay, name)


def _intake(name: str, relay: Relay) -> BounceIntake:
    return BounceIntake(name, relayed_is_delivered=relay.relayed_is_delivered)


SMTP = Kind("smtp", frozenset({"email"}), Relay, _make, _intake)
