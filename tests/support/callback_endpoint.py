"""A service's end of callbacks: keeps what it is posted and answers as told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.support.ports import free_port


@dataclass(frozen=True)
class Called:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Endpoint:
    """Answers with the statuses it was told to, one after the other, then with 200, and with a body that `says` so.

    A path `/to/…` is redirected to whatever `moved_to` says; after `seconds` of thought in any case.
    """

    base: str
    answers: list[int] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    moved_to: str = ""
    moved_with: int = 307
    seconds: float = 0.0
    says: bytes = b""
    most_at_once: int = 0
    _at_once: int = 0
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, count: int, within: float = 30.0) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(within):
            while len(self.calls) < count:
                self._arrived.clear()
                await self._arrived.wait()

    @property
    def url(self) -> str:
        """Where to call it."""
        return f"{self.base}/called"

    async def receive(self, request: web.Request) -> web.Response:
        """Keep a request and answer it."""
        body = await request.read()
        self.calls.append(Called(request.method, request.path, dict(request.headers), body))
        self._arrived.set()
        await self._think()
        if request.path.startswith("/to/"):
            return web.Response(status=self.moved_with, headers={"Location": self.moved_to})
        return web.Response(status=self.answers.pop(0) if self.answers else 200, body=self.says)

    async def _think(self) -> None:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self._at_once -= 1


@asynccontextmanager
async def endpoint(host: str = "127.0.0.1") -> AsyncIterator[Endpoint]:
    """An endpoint on loopback."""
    port = free_port()
    shown = f"[{host}]" if ":" in host else host
    made = Endpoint(f"http://{shown}:{port}")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield made
    finally:
        await runner.cleanup()
