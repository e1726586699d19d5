"""Run a coroutine from a test that is not one itself."""

import asyncio
from typing import Any, Coroutine


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Like `asyncio.run`, which would leave the event loop of older pytest-asyncio unclosed."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
