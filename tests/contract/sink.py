"""A place for callbacks: records what is posted to it and answers 200."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from tests.contract.cases_file import Json
from tests.contract.matching import Matching
from tests.contract.variables import Variables

# How long to listen on for a second copy once all expected ones have come.
_AFTERMATH = 1.0


@dataclass(frozen=True)
class Posted:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Sink:
    """An HTTP server at a base URL; what was posted stays in `posted`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._prefix = parts.hostname, parts.port or 80, parts.path.rstrip("/")
        self.posted: list[Posted] = []
        self._arrived = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def difference(self, expected: Mapping[str, Json], variables: Variables) -> str | None:
        """What is wrong with the callbacks for a case, after waiting for them; None if nothing is."""
        times: int = expected["times"]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(expected["within_seconds"]):
                await self._wait_for(times, expected, variables)
        await asyncio.sleep(_AFTERMATH)
        count = len(self._seen(expected, variables))
        if count == times:
            return None
        return f"callback: expected {times} to {expected['path']}, {count} came; {self._near(expected)}"

    async def _wait_for(self, times: int, expected: Mapping[str, Json], variables: Variables) -> None:
        while len(self._seen(expected, variables)) < times:
            self._arrived.clear()
            await self._arrived.wait()

    async def _receive(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            path = request.path.removeprefix(self._prefix)
            self.posted.append(Posted(path, request.headers.copy(), await request.read()))
            self._arrived.set()
        return web.Response(text="")

    def _seen(self, expected: Mapping[str, Json], variables: Variables) -> list[Posted]:
        matching = Matching(variables)
        path = variables.text(expected["path"])
        return [
            one
            for one in self.posted
            if one.path == path
            and matching.matches(expected.get("json", "<any>"), one.json)
            and all(matching.matches(v, one.headers.get(k)) for k, v in expected.get("headers", {}).items())
        ]

    def _near(self, expected: Mapping[str, Json]) -> str:
        bodies = [
            one.body.decode("utf-8", "replace")[:300] for one in self.posted if one.path == expected["path"]
        ]
        return f"the last ones there: {bodies[-3:]}" if bodies else "nothing came there at all"
