"""A load generator: some connections, each sending its next request as soon as the last was answered."""

import asyncio
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle, repeat
from time import perf_counter
from typing import cast

import uvloop


@dataclass
class Result:
    """What came back within the time: how many answers of which status, and how long each took (seconds)."""

    seconds: float
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, percent: int) -> float:
        """Milliseconds within which so many percent of the answers came."""
        return statistics.quantiles(self.latencies, n=100)[percent - 1] * 1000


class _Connection(asyncio.Protocol):
    """One connection: HTTP/1.1, answers with Content-Length."""

    def __init__(
        self, requests: Iterator[bytes], result: Result, until: float, turns: Iterator[float]
    ) -> None:
        self._requests, self._result, self._until, self._turns = requests, result, until, turns
        self._head, self._missing = b"", 0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass
        self._next()

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            if not self._head_is_complete():
                return
        if self._missing == 0:
            self._done()

    def _head_is_complete(self) -> bool:
        """Whether the head is here; if so, how much of the body is missing is known from now on."""
        head, separator, rest = self._head.partition(b"\r\n\r\n")
        if separator:
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            self._missing = int(length) - len(rest)
        return bool(separator)

    def _done(self) -> None:
        status = int(self._head[9:12])
        self._result.statuses[status] = self._result.statuses.get(status, 0) + 1
        self._result.latencies.append(perf_counter() - self._sent)
        self._head = b""
        self._next()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def _next(self) -> None:
        early = next(self._turns) - perf_counter()
        if early > 0:
            asyncio.get_running_loop().call_later(early, self._send)
        else:
            self._send()

    def _send(self) -> None:
        self._sent = perf_counter()
        if self._sent >= self._until:
            self._transport.close()
        else:
            self._transport.write(next(self._requests))


def run(
    port: int, requests: Sequence[bytes], connections: int, seconds: float, per_second: float | None = None
) -> Result:
    """Send these requests in turn for so many seconds: as fast as they are answered, or so many a second."""

    async def main() -> Result:
        loop = asyncio.get_running_loop()
        result = Result(seconds)
        given = cycle(requests)
        until = perf_counter() + seconds
        turns = count(perf_counter(), 1 / per_second) if per_second else repeat(0.0)
        protocols = [
            (
                await loop.create_connection(
                    lambda: _Connection(given, result, until, turns), "127.0.0.1", port
                )
            )[1]
            for _ in range(connections)
        ]
        await asyncio.gather(*(protocol.closed for protocol in protocols))
        return result

    return uvloop.run(main())


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """One request as bytes."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
