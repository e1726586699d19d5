"""An SMTP server that breaks off where it is told to, and counts its connections."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from tests.support.ports import free_port

_REPLIES = {"DATA": "354 Go on", "QUIT": "221 Bye"}


class SmtpStub:
    """Accepts everything.

    `hang_up_at` is the word of a command (CONNECT and CONTENT too) at which the next connection is cut, once;
    `replies` are answers to give in place of the usual ones, each once. `lines` are the commands as they came.
    A `careless` one waits for content though it refused the recipient.
    """

    def __init__(self, port: int, offers: Sequence[str] = ()) -> None:
        self.port = port
        self._usual = _REPLIES | {
            "EHLO": "\r\n".join([*(f"250-{one}" for one in ("stub", *offers)), "250 HELP"])
        }
        self.hang_up_at: str | None = None
        self.replies: dict[str, str] = {}
        self.seconds = 0.0
        self.careless = False
        self.connections = 0
        self.open_now = 0
        self.most_open = 0
        self.commands: list[str] = []
        self.lines: list[str] = []
        self.contents: list[bytes] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, EOFError):
            await self._converse(reader, writer)
        self._writers.discard(writer)
        self.open_now -= 1
        writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._answer(writer, "CONNECT", "220 stub")
        nobody = True
        while line := await reader.readline():
            word = line.split()[0].decode().upper()
            self.commands.append(word)
            self.lines.append(line.decode().rstrip())
            if word == "DATA" and nobody and not self.careless:
                self.replies.setdefault(word, "554 5.5.1 nobody to send it to")
            refused = word in self.replies
            nobody = refused if word == "RCPT" else nobody or word in {"MAIL", "RSET"}
            self._answer(writer, word, self._usual.get(word, "250 OK"))
            if word == "DATA" and not refused:
                content = await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(self.seconds)
                self._answer(writer, "CONTENT", "250 Taken")
                self.contents.append(content)
            if word == "QUIT":
                return

    def _answer(self, writer: asyncio.StreamWriter, word: str, usual: str) -> None:
        if self.hang_up_at == word:
            self.hang_up_at = None
            raise ConnectionResetError
        writer.write(f"{self.replies.pop(word, usual)}\r\n".encode())

    def say(self, words: str) -> None:
        """Say something on all connections without being asked."""
        for writer in self._writers:
            writer.write(f"{words}\r\n".encode())

    def hang_up(self) -> None:
        """Close all connections, as relays do with those that were idle."""
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def smtp_stub(*offers: str) -> AsyncIterator[SmtpStub]:
    """A stub on a free port of loopback that offers these extensions."""
    stub = SmtpStub(free_port(), offers)
    server = await asyncio.start_server(stub.serve, "127.0.0.1", stub.port, limit=2**20)
    try:
        yield stub
    finally:
        server.close()
        stub.hang_up()
        await asyncio.sleep(0.05)
