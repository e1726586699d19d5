"""Messages a day, counted in the database for each service and channel (public API contract, section 5).

A place is taken before the message is looked at and given back if the message is refused: so the limit holds however
many requests come at once.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool


class Place(msgspec.Struct, frozen=True):
    """A message of a channel on a day (UTC), of which there may be so many."""

    service_id: UUID
    channel: str
    day: date
    most: int


_TAKE = """
insert into daily_count as d (service_id, channel, day, most, asked, granted, count)
select service_id, channel, day, most, asked, least(asked, most), least(asked, most)
from unnest(%s::uuid[], %s::text[], %s::date[], %s::integer[], %s::integer[])
    as t(service_id, channel, day, most, asked)
order by service_id, channel, day
on conflict (service_id, channel, day) do update set
    most = excluded.most, asked = excluded.asked,
    granted = greatest(0, least(excluded.asked, excluded.most - d.count)),
    count = d.count + greatest(0, least(excluded.asked, excluded.most - d.count))
returning service_id, channel, day, granted
"""
_GIVE_BACK = """
update daily_count set count = greatest(0, count - 1) where service_id = %s and channel = %s and day = %s
"""


class DailyCounts:
    """Takes and gives back places, many at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[Place, bool] = Batch(self._take_all)

    async def take(self, service_id: UUID, channel: str, most: int) -> Place | None:
        """Return a place of today; None if there is none left."""
        if most <= 0:
            return None
        place = Place(service_id, channel, datetime.now(UTC).date(), most)
        return place if await self._batch.add(place) else None

    async def give_back(self, place: Place) -> None:
        """Give a place back, since its message was not stored."""
        async with self._pool.connection() as connection:
            await connection.execute(_GIVE_BACK, [place.service_id, place.channel, place.day])

    async def _take_all(self, places: Sequence[Place]) -> Sequence[bool]:
        asked = Counter(places)
        columns = [
            [one.service_id for one in asked],
            [one.channel for one in asked],
            [one.day for one in asked],
            [one.most for one in asked],
            list(asked.values()),
        ]
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_TAKE, columns)
            rows = await cursor.fetchall()
        left = {(row[0], row[1], row[2]): row[3] for row in rows}
        return [_one_of(left, (one.service_id, one.channel, one.day)) for one in places]


def _one_of(left: dict[tuple[UUID, str, date], int], key: tuple[UUID, str, date]) -> bool:
    left[key] -= 1
    return left[key] >= 0
