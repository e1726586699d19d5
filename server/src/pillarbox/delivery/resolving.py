"""Looking up the hosts of callbacks in threads of their own.

The event loop's own few threads would all be waiting as soon as a handful of services have names that no server
answers for, and every other call would wait behind them.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

_MOST_AT_ONCE = 100  # names; whoever asks for one that is being looked up waits for that


class Resolver(AbstractResolver):
    """The system's resolver."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            OSError: if it has none, or nobody knows.
        """
        kind, flags = socket.SOCK_STREAM, socket.AI_ADDRCONFIG
        look_up = partial(socket.getaddrinfo, host, port, family, kind, flags=flags)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host,
                host=str(where[0]),
                port=int(where[1]),
                family=family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family, _, protocol, _, where in found
        ]

    async def close(self) -> None:
        """Let go of the threads, each when its look-up ends."""
        self._threads.shutdown(wait=False, cancel_futures=True)
