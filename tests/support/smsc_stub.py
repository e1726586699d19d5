"""An SMSC that does what real ones do on bad days: octet by octet, as it is told to."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from tests.support.ports import free_port

BIND, SUBMIT, DELIVER, UNBIND, ENQUIRE, NACK = 0x09, 0x04, 0x05, 0x06, 0x15, 0x80000000
Reply = bytes | None
Answer = Callable[[int, bytes], Reply]


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """A packet."""
    return struct.pack("!IIII", 16 + len(body), command, status, sequence) + body


class SmscStub:
    """Answers every question with success.

    Attributes:
        replies: what to answer to a command instead: a function of the sequence number and the body. None: nothing.
        hang_up_at: the command at which the connection is cut instead of an answer.
        came: commands and their bodies, as they came.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.replies: dict[int, Answer] = {}
        self.hang_up_at: int | None = None
        self.came: list[tuple[int, int, bytes]] = []
        self.statuses: dict[int, int] = {}
        self.binds = 0
        self.most_unanswered = 0
        self._news = asyncio.Condition()
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await self._one(reader, writer)
        self._writers.discard(writer)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length, command, status, sequence = struct.unpack("!IIII", await reader.readexactly(16))
        body = await reader.readexactly(length - 16)
        self.binds += command == BIND
        self.statuses[sequence] = status
        async with self._news:
            self.came.append((command, sequence, body))
            self._news.notify_all()
        if command == self.hang_up_at:
            raise ConnectionError
        if not command & NACK and (reply := self._reply(command, sequence, body)):
            writer.write(reply)

    def _reply(self, command: int, sequence: int, body: bytes) -> Reply:
        if command in self.replies:
            return self.replies[command](sequence, body)
        return pdu(
            command | NACK, sequence, b"1\0" if command == SUBMIT else b"SIM\0" if command == BIND else b""
        )

    def say(self, octets: bytes) -> None:
        """Send something on all connections, unasked."""
        for writer in self._writers:
            writer.write(octets)

    def hang_up(self, most: int | None = None) -> None:
        """Cut connections: all, or as many as that."""
        for writer in list(self._writers)[:most]:
            writer.transport.abort()

    def count(self, command: int) -> int:
        """How often a command has come."""
        return sum(one == command for one, *_ in self.came)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to have come."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(condition)

    async def comes(self, command: int, times: int = 1) -> None:
        """Wait for a command to have come that often."""
        await self.until(lambda: self.count(command) >= times)


@asynccontextmanager
async def smsc_stub() -> AsyncIterator[SmscStub]:
    """Serve on loopback."""
    stub = SmscStub(free_port())
    server = await asyncio.start_server(stub.serve, "127.0.0.1", stub.port)
    try:
        yield stub
    finally:
        server.close()
        stub.hang_up()
        await server.wait_closed()
