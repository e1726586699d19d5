"""Waiting for what happens beside a test, however loaded the machine is."""

import asyncio
from collections.abc import Awaitable, Callable


async def eventually(condition: Callable[[], Awaitable[object] | object], seconds: float = 20) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not (await found if isinstance(found := condition(), Awaitable) else found):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.02)
