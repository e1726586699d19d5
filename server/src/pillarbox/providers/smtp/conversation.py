"""Speaking SMTP on a connection that is open and signed in: commands go out together, replies come back (RFC 5321).

Where the server offers PIPELINING (RFC 2920), an email takes two round trips. Nothing here raises for what the other
side may do: a conversation that broke says why in `broken`, and asking it gives fewer replies than were wanted.
"""

import asyncio
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from pillarbox.providers.smtp.envelope import Envelope

TIMEOUT = 30.0  # seconds for an answer
_GOODBYE = 5.0  # seconds for the answer to QUIT, which changes nothing
_LONGEST = 32_768  # bytes of one reply
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?")
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?![\d.])")

Stage = Literal["MAIL", "RCPT", "DATA", "CONTENT"]
_ANNOUNCING: tuple[Stage, ...] = ("MAIL", "RCPT", "DATA")
_YES = range(200, 300)
_WANTED: dict[Stage, range] = {"MAIL": _YES, "RCPT": _YES, "DATA": range(354, 355), "CONTENT": _YES}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server says to a command."""

    code: int
    text: str

    @property
    def enhanced(self) -> str | None:
        """The status code that says more, such as 5.1.1 (RFC 3463), if there is one."""
        found = _ENHANCED.match(self.text)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Said:
    """How far an email came: the last stage, and what was said to it; no reply if the conversation broke there."""

    stage: Stage
    reply: Reply | None
    broken: str | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the server has the email."""
        return self.stage == "CONTENT" and self.reply is not None and self.reply.code in _YES


class GarbledReplyError(Exception):
    """What came is no reply."""


class Replies:
    """Takes what a server says apart into replies (RFC 5321, section 4.2.1)."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[str] = []
        self._size = 0

    def feed(self, data: bytes) -> list[Reply]:
        """Return the replies that are complete now.

        Raises:
            GarbledReplyError: if it is no reply, or one without an end.
        """
        self._size += len(data)
        if self._size > _LONGEST:
            raise GarbledReplyError("the server answered at too great a length")
        *lines, self._rest = (self._rest + data).split(b"\n")
        replies = [reply for line in lines if (reply := self._line(line.rstrip(b"\r")))]
        if replies:
            self._size = len(self._rest)
        return replies

    def _line(self, line: bytes) -> Reply | None:
        found = _LINE.fullmatch(line)
        if found is None:
            raise GarbledReplyError("the server answered with something that is not SMTP")
        code, more, text = found.groups()
        self._lines.append((text or b"").decode("ascii", "replace").strip())
        if more == b"-":
            return None
        reply = Reply(int(code), " ".join(self._lines))
        self._lines = []
        return reply


class Conversation(asyncio.Protocol):
    """One connection, which takes over a transport on which nothing is awaited.

    Args:
        transport: the connection, open, encrypted and signed in as it should be.
        extensions: what the server offers, in small letters (`pipelining`, `dsn`).

    Attributes:
        broken: why nothing more can be said; None as long as it can.
        idle_since: when it last heard something, by the event loop's clock.
        is_fresh: whether no email was handed over on it yet.
    """

    def __init__(self, transport: asyncio.Transport, extensions: Collection[str]) -> None:
        self._transport = transport
        self._pipelining = "pipelining" in extensions
        self._dsn = "dsn" in extensions
        self._loop = asyncio.get_running_loop()
        self._replies = Replies()
        self._got: list[Reply] = []
        self._wanted = 0
        self._answered: asyncio.Future[None] | None = None
        self.broken: str | None = None
        self.is_fresh = True
        self.idle_since = self._loop.time()
        transport.set_protocol(self)

    async def send(self, envelope: Envelope, mime: bytes) -> Said:
        """Hand an email over; `mime` begins with a header and ends with CRLF."""
        self.is_fresh = False
        said = await self._announce(envelope)
        if said is None:
            replies = await self.ask(mime.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            said = Said("CONTENT", replies[0] if replies else None, self.broken)
        if said.reply is not None and said.reply.code == 421:
            self.close("the server is closing the connection")
        return said

    async def _announce(self, envelope: Envelope) -> Said | None:
        """Say who writes to whom; None once the server waits for the content."""
        replies = await self._ask_all([*envelope.commands(dsn=self._dsn), b"DATA\r\n"])
        for stage, reply in zip_longest(_ANNOUNCING, replies):
            if reply is None or reply.code not in _WANTED[stage]:
                await self._forget(replies)
                return Said(stage, reply, self.broken)
        return None

    async def _ask_all(self, commands: Sequence[bytes]) -> list[Reply]:
        """Say commands together if the server allows it, else one by one up to the first that is refused."""
        if self._pipelining:
            return await self.ask(b"".join(commands), len(commands))
        replies: list[Reply] = []
        for command in commands:
            got = await self.ask(command)
            replies += got
            if not got or got[0].code >= 400:
                break
        return replies

    async def _forget(self, replies: list[Reply]) -> None:
        """Begin anew; a server that waits for the content of what it refused gets none."""
        if any(reply.code == 354 for reply in replies):
            self.close("the server waits for an email that it refused")
        elif not self.broken:
            await self.ask(b"RSET\r\n")

    async def ask(self, words: bytes, count: int = 1, within: float | None = None) -> list[Reply]:
        """Say something that so many replies follow; fewer of them come if the conversation breaks."""
        if self.broken is not None:
            return []
        self._got, self._wanted = [], count
        self._answered = self._loop.create_future()
        self._transport.write(words)
        seconds = TIMEOUT if within is None else within
        timer = self._loop.call_later(seconds, self.close, f"no answer within {seconds:g} seconds")
        try:
            await self._answered
        except asyncio.CancelledError:
            self.close("given up")
            raise
        finally:
            timer.cancel()
        return self._got

    def data_received(self, data: bytes) -> None:
        """Take in what the server says."""
        self.idle_since = self._loop.time()
        try:
            self._got += self._replies.feed(data)
        except GarbledReplyError as error:
            self.close(str(error))
        if self._answered is None or self._answered.done() or len(self._got) > self._wanted:
            self.close("the server spoke without being asked")
        elif len(self._got) == self._wanted:
            self._answered.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the line is dead."""
        self.close(f"the connection was lost: {exc or 'the server closed it'}")

    def close(self, why: str) -> None:
        """Break off at once; whoever waits for an answer gets what has come so far."""
        if self.broken is None:
            self.broken = why
            self._transport.close()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)

    def leave(self) -> None:
        """Say goodbye without waiting for an answer: the other side may be gone without a word."""
        if self.broken is None:
            self._transport.write(b"QUIT\r\n")
        self.close("over")

    async def quit(self) -> None:
        """Say goodbye and close."""
        await self.ask(b"QUIT\r\n", within=_GOODBYE)
        self.close("over")
