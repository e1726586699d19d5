"""A gateway's end of HTTP, which answers as told and misbehaves as told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from tests.support.ports import free_port

ACCEPTED = b'{"id": "theirs-1"}'


@dataclass(frozen=True)
class Asked:
    """One request as it came; names of headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of the body."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


def answer(status: int, body: bytes = ACCEPTED, **headers: str) -> bytes:
    """A whole answer; underscores in headers' names are hyphens."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


STALL = b"stall"  # nothing more comes, and nobody hangs up
HANG_UP = b"hang up"
Script = bytes | Callable[[Asked], bytes]


@dataclass
class Gateway:
    """Does what stands in `scripts`, one after the other, then accepts.

    A script is what is written, perhaps ending with STALL or HANG_UP.
    """

    port: int
    scripts: list[Script] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Where to send to."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        asked = await read_request(reader)
        self.asked.append(asked)
        script = self.scripts.pop(0) if self.scripts else answer(200)
        said = script if isinstance(script, bytes) else script(asked)
        writer.write(said.removesuffix(STALL).removesuffix(HANG_UP))
        await writer.drain()
        if said.endswith(STALL):
            await reader.read()  # until the other side has had enough
        return not said.endswith((STALL, HANG_UP))


async def read_request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, target, _ = first.split(" ")
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body)


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    """A gateway on loopback."""
    made = Gateway(free_port())
    server = await asyncio.start_server(made.serve, "127.0.0.1", made.port)
    try:
        yield made
    finally:
        server.close()
