"""What every counterpart is: a server on loopback in a process of its own, which ends with whoever started it."""

import asyncio
import os
import random
import sys
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import partial

from tests.chaos.scene import WORKERS, Scene, Weather

_CUT = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class Counterpart(ABC):
    """One server; `name` is its book's, and that of its port for whom it may concern.

    A port for each worker tells who asked for what.
    """

    name: str

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.book = scene.book(self.name)
        self.weather = Weather(scene, self.name)

    def begin(self) -> None:  # noqa: B027 - some have nothing to do
        """What there is to do at the start, within the event loop."""

    @abstractmethod
    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: str) -> None:
        """Serve a connection until it ends; `who` is the worker that made it."""

    async def serve(self) -> None:
        """Until killed."""
        self.begin()
        for who in WORKERS:
            port = self.scene.ports[f"{self.name} for {who}"]
            await asyncio.start_server(partial(self._connected, who), "127.0.0.1", port, limit=2**20)
        await asyncio.Event().wait()

    async def _connected(self, who: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*_CUT):
            await self.converse(reader, writer, who)
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
