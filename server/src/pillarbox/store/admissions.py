"""Messages and what they use up of their limits, in one statement and one commit, which many requests share.

Nearly always all of them may be sent, and then they are stored there and then. If a limit lets one of them not pass,
the statement only counts, and those that pass are stored with the next one. Should a connection be lost before the
answer to a commit is here, the second try counts once more: a limit may be reached a little early, never exceeded.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from psycopg import DataError

from pillarbox.store.allowances import TAKEN, TAKING, Allowances, Allowed, Asked, Bucket, Place, Tally
from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool, execute_twice
from pillarbox.store.notifications import (
    SINGLE_LANE,
    NewNotification,
    Notifications,
    any_claimed,
    as_rows,
    holds,
    insertion,
)

_CONDITION = """not exists (select from buckets where granted < asked)
        and not exists (select from places where granted < asked)"""
_RESULT = f"""
select taken.*, {{held}} from ({TAKEN}) as taken cross join (select pg_notify('outbox', 'deliver')) as told
"""
_PLAIN, _WITH_CLAIMS = (
    insertion(claimed=claimed, steps=f"{TAKING}, ", condition=_CONDITION, result=_RESULT)
    for claimed in (False, True)
)

Fate = Literal["stored", "not yet", "key taken"]
_Item = tuple[NewNotification, Asked]


class Admissions:
    """Stores messages of callers who are most likely below their limits."""

    def __init__(self, pool: Pool, allowances: Allowances, notifications: Notifications) -> None:
        self._pool = pool
        self._allowances = allowances
        self._notifications = notifications
        self._batch: Batch[_Item, tuple[Allowed, Fate]] = Batch(self._add_all)

    async def add(self, new: NewNotification, bucket: Bucket, place: Place | None) -> tuple[Allowed, Fate]:
        """Take a token and a place for a message and store it; return what it got, and what has become of it.

        A message that cannot be stored is counted all the same: what is wrong with it shows when it is added to the
        notifications by itself. So is one whose key is another request's.

        Raises:
            psycopg.OperationalError: if the database is away.
        """
        asked = Asked(bucket, place)
        try:
            allowed, fate = await self._batch.add((new, asked))
        except DataError:
            return await self._allowances.take(bucket, place), "not yet"
        return await self._allowances.settle(asked, allowed), fate

    async def _add_all(self, items: Sequence[_Item]) -> Sequence[tuple[Allowed, Fate]]:
        tally = Tally([asked for _, asked in items])
        new = [one for one, _ in items]
        statement = _WITH_CLAIMS if any_claimed(new) else _PLAIN
        parameters = tally.parameters | {"rows": as_rows(new), "lane": SINGLE_LANE}
        taken = await execute_twice(self._pool, statement, parameters)
        allowed = tally.share_out(taken)
        stored, held = all(one.entirely for one in allowed), frozenset(taken[0][-1] or ())
        return [(got, _fate(one, held, stored=stored)) for got, one in zip(allowed, new, strict=True)]


def _fate(one: NewNotification, held: frozenset[UUID], *, stored: bool) -> Fate:
    if not stored:
        return "not yet"
    return "stored" if holds(one, held) else "key taken"
