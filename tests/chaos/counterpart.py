"""What every counterpart is: a server on loopback in a process of its own, which ends with whoever started it."""

import asyncio
import os
import random
import sys
import threading
from abc import ABC, abstractmethod
from contextlib import suppress

from tests.chaos.scene import Scene, Weather

_CUT = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class Counterpart(ABC):
    """One server; `name` is its port's name and its book's."""

    name: str

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.book = scene.book(self.name)
        self.weather = Weather(scene, self.name)

    def begin(self) -> None:  # noqa: B027 - some have nothing to do
        """What there is to do at the start, within the event loop."""

    @abstractmethod
    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection until it ends."""

    async def serve(self) -> None:
        """Until killed."""
        self.begin()
        port = self.scene.ports[self.name]
        server = await asyncio.start_server(self._connected, "127.0.0.1", port, limit=2**20)
        print("ready", flush=True)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*_CUT):
            await self.converse(reader, writer)
        writer.transport.abort()


def garbage() -> bytes:
    """What no protocol knows."""
    return bytes(random.choices(range(256), k=40)) + b"\r\n\r\n"


def main(kind: type[Counterpart]) -> None:
    """Run a counterpart on the scene in the directory that the command line names."""
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    asyncio.run(kind(Scene.load(sys.argv[1])).serve())


def _end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(0)
