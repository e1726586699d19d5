"""Letting go of what services keep no longer (public API contract, section 7, Retention)."""

from datetime import datetime

import structlog

from pillarbox.messages.retention import Keeping
from pillarbox.store.database import Connection
from pillarbox.store.leaving import drop, left_behind
from pillarbox.store.partitions import Partition, partitions
from pillarbox.store.retention import count_over, forget_likewise, keeps_any, sweep
from pillarbox.store.store import Store

log = structlog.get_logger()


class DayHeldError(Exception):
    """Somebody reads the messages for so long that a day could not leave: it is to be tried again."""

    def __init__(self, partition: str) -> None:
        super().__init__(f"{partition} is being read for too long to be dropped: try again later")


async def purge(store: Store, now: datetime, tries: int = 10) -> dict[str, int]:
    """Archive and delete everything that no service keeps at a moment; live messages leave numbers behind.

    Two at once are one: the second finds nothing to do. One that is broken off is gone on with by the next.

    Args:
        store: the tables.
        now: an aware moment.
        tries: of two seconds each, to get hold of a day that is to leave.

    Returns:
        How many days left as a whole and how many messages left, with what belonged to them.

    Raises:
        DayHeldError: if days have still to leave; everything else is done.
    """
    kept = await store.retention.keeping(now)
    async with store.retention.alone() as connection:
        if connection is None:
            return {}
        purging = _Purging(connection, kept, tries)
        await purging.run()
        others = await forget_likewise(connection, kept)
    rest = await store.leftovers.clear(now, kept.latest)
    if purging.held:
        raise DayHeldError(purging.held)
    return {"days": purging.days, "messages": purging.messages, "others": others} | rest


async def purgeable(store: Store, now: datetime) -> dict[str, int]:
    """Return how many days and messages `purge` would let go, without doing it."""
    kept = await store.retention.keeping(now)
    would = {"days": 0, "messages": 0}
    async with store.pool.connection() as connection:
        for partition in await _old(connection, kept):
            would["messages"] += await count_over(connection, partition, kept)
            would["days"] += not await _is_kept(connection, partition, kept)
    return would


class _Purging:
    """One purge of the notification table, and what it has done so far."""

    def __init__(self, connection: Connection, kept: Keeping, tries: int) -> None:
        self._connection = connection
        self._kept = kept
        self._tries = tries
        self.days = 0
        self.messages = 0
        self.held: str | None = None

    async def run(self) -> None:
        for name in await left_behind(self._connection):
            await self._drop(name)
        for partition in await _old(self._connection, self._kept):
            if await _is_kept(self._connection, partition, self._kept):
                self.messages += await sweep(self._connection, partition, self._kept)
            else:
                await self._drop(partition.name)

    async def _drop(self, name: str) -> None:
        """While one day is held, no other can leave."""
        if self.held is not None:
            return
        messages = await drop(self._connection, name, self._tries)
        if messages is None:
            self.held = name
            return
        self.days += 1
        self.messages += messages
        log.info("day has left", partition=name, messages=messages)


async def _old(connection: Connection, kept: Keeping) -> list[Partition]:
    """Return the parts with messages that may be over; first one that began to leave, since others cannot before it."""
    old = [there for there in await partitions(connection) if there.first < kept.latest]
    return sorted(old, key=lambda there: not there.leaving)


async def _is_kept(connection: Connection, partition: Partition, kept: Keeping) -> bool:
    """A day stays while somebody keeps any of it, or could write to it still."""
    if partition.leaving:
        return False
    return partition.end > kept.latest or await keeps_any(connection, partition, kept)
