"""Values that may be a little old: loaded once, shared by everyone who asks, loaded again after their lifetime."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_MOST = 10_000


class Snapshots(Generic[Key, Value]):
    """Keeps what `load` gave for `lifetime` seconds; those who ask while it loads wait for the same load."""

    def __init__(self, load: Callable[[Key], Awaitable[Value]], lifetime: float) -> None:
        self._load = load
        self._lifetime = lifetime
        self._kept: dict[Key, tuple[float, Value]] = {}
        self._loading: dict[Key, asyncio.Task[Value]] = {}

    async def get(self, key: Key) -> Value:
        """Return the value of this key, at most `lifetime` seconds old."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > monotonic():
            return kept[1]
        loading = self._loading.get(key)
        if loading is None:
            loading = self._loading[key] = asyncio.create_task(self._refresh(key))
        return await asyncio.shield(loading)  # one caller hanging up must not fail the others

    async def _refresh(self, key: Key) -> Value:
        fresh_until = monotonic() + self._lifetime  # what changes while it loads may have been missed
        try:
            value = await self._load(key)
            if len(self._kept) >= _MOST:  # made-up ids must not fill the memory
                self._kept.clear()
            self._kept[key] = (fresh_until, value)
            return value
        finally:
            del self._loading[key]
