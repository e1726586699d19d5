"""A small mail server for bounces: it says 250 once a message is in the database, and 4xx while there is none.

It speaks SMTP or LMTP (RFC 5321, RFC 2033), takes mail for bounce addresses only, and sends none.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Literal

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from pillarbox.logs import described
from pillarbox.messages.posts import Post
from pillarbox.providers.smtp.bounces.intake import post_of

log = structlog.get_logger()

Protocol = Literal["smtp", "lmtp"]

_MOST = 10_000_000  # bytes of a message; only its beginning is kept
_LONGEST_LINE = 1_000_000  # a bounce that breaks the rules is still a bounce


class BounceHandler:
    """What aiosmtpd asks about each recipient and message.

    Args:
        provider: whose bounces these are.
        bounce_address: the address that is taken, with or without `+…` in its local part; None: any.
        keep: has committed a post when it returns.
    """

    def __init__(
        self, provider: str, bounce_address: str | None, keep: Callable[[Post], Awaitable[None]]
    ) -> None:
        self._provider = provider
        self._bounce_address = bounce_address
        self._keep = keep

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take one recipient: each message is kept for the one whom it tells of."""
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        if not _is_at(address, self._bounce_address):
            return "550 5.1.1 Only bounces are taken here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Keep a message."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            await self._keep(post_of(self._provider, content, envelope.rcpt_tos[0], envelope.mail_from))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side keeps the message meanwhile
            log.warning("a bounce cannot be kept", provider=self._provider, **described(error))
            return "451 4.3.0 Cannot be kept now, try again later"
        return "250 2.0.0 Kept"


@asynccontextmanager
async def listening(host: str, port: int, protocol: Protocol, handler: BounceHandler) -> AsyncIterator[None]:
    """Take bounces at an address for as long as the context lasts.

    Raises:
        OSError: if somebody else listens there already.
    """
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd's, which names recipients
    loop = asyncio.get_running_loop()
    kind = _Lmtp if protocol == "lmtp" else _Smtp
    server = await loop.create_server(
        lambda: kind(handler, data_size_limit=_MOST, enable_SMTPUTF8=True, ident="Pillarbox", loop=loop),
        host,
        port,
    )
    try:
        yield
    finally:
        server.close()


class _Smtp(SMTP):
    line_length_limit = _LONGEST_LINE


class _Lmtp(LMTP):
    line_length_limit = _LONGEST_LINE


def _is_at(address: str, bounce_address: str | None) -> bool:
    if bounce_address is None:
        return True
    local, _, domain = bounce_address.lower().rpartition("@")
    given, _, at = address.lower().rpartition("@")
    return at == domain and (given == local or given.startswith(f"{local}+"))
