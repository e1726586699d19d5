"""Waiting until something is caught. Those who wait must not keep a server that is told to stop."""

import asyncio
from time import monotonic

from starlette.requests import Request

from pillarbox.store.sandbox import CaughtMessage, Sandbox, Search

_LOOK_EVERY = 0.1  # seconds


async def wait_for(request: Request, sandbox: Sandbox, search: Search, seconds: float) -> list[CaughtMessage]:
    """Return the messages that are meant as soon as there is one.

    None come after so many seconds, when the server is told to stop, or when the one who asked has gone.
    """
    stopping: asyncio.Event = request.state.stopping
    until = monotonic() + seconds
    while True:
        found = await sandbox.newest(search)
        if found or stopping.is_set() or monotonic() >= until or await request.is_disconnected():
            return found
        await asyncio.sleep(_LOOK_EVERY)
