"""Limits in the database, so that they hold across API processes (public API contract, section 5).

A request takes a token from a bucket and a place among the messages of the day, both in one statement, which many
requests share. A place is taken before the message is looked at and given back if the message is refused: so the
limit holds however many requests come at once. Commits need not wait for the disk here: what a crash of the database
forgets is a fraction of a second of counting.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool
from pillarbox.store.services import KeyType


class Bucket(msgspec.Struct, frozen=True):
    """Whose bucket it is, how many tokens it holds when full, and how many run in a minute."""

    service_id: UUID
    key_type: KeyType
    size: int
    per_minute: int

    @property
    def owner(self) -> "_Owner":
        """Whose it is."""
        return self.service_id, self.key_type, None


class Place(msgspec.Struct, frozen=True):
    """A message of a channel on a day (UTC), of which there may be so many."""

    service_id: UUID
    channel: str
    day: date
    most: int

    @property
    def owner(self) -> "_Owner":
        """Whose it is."""
        return self.service_id, self.channel, self.day


class Asked(msgspec.Struct, frozen=True):
    """What one request asks for."""

    bucket: Bucket | None
    place: Place | None


class Allowed(msgspec.Struct, frozen=True):
    """What it got: whether its rate passes, the tokens left, and whether there was a place."""

    passes: bool
    tokens: int
    placed: bool


# `tokens` first fills up: whole tokens only, the rest of the time is kept for the next of them. Then so many requests
# as were asked for each take one; those pass that leave one at least.
_TAKE = """
with hasty as (
    select set_config('synchronous_commit', 'off', true)
), buckets as (
    insert into rate_bucket as b (service_id, key_type, size, per_minute, asked, granted, tokens, filled_at)
    select service_id, key_type, size, per_minute, asked, greatest(0, least(asked, size - 1)),
        greatest(0, size - asked), clock_timestamp()
    from unnest(%s::uuid[], %s::text[], %s::integer[], %s::integer[], %s::integer[])
        as t(service_id, key_type, size, per_minute, asked)
    order by service_id, key_type
    on conflict (service_id, key_type) do update set
        (size, per_minute, asked, granted, tokens, filled_at) = (
            select excluded.size, excluded.per_minute, excluded.asked,
                greatest(0, least(excluded.asked, filled.tokens - 1)),
                greatest(0, filled.tokens - excluded.asked), filled.at
            from (
                select least(b.tokens + new.tokens, excluded.size),
                    case when b.tokens + new.tokens >= excluded.size or excluded.per_minute = 0
                        then clock_timestamp()
                        else b.filled_at + new.tokens * 60.0 / excluded.per_minute * interval '1 second' end
                from (select floor(greatest(0, extract(epoch from clock_timestamp() - b.filled_at))
                    * excluded.per_minute / 60.0)::bigint) as new(tokens)
            ) as filled(tokens, at)
        )
    returning service_id, key_type, granted, tokens
), places as (
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
)
select service_id, key_type, null::date, granted, tokens from buckets cross join hasty
union all
select service_id, channel, day, granted, 0 from places cross join hasty
"""
_GIVE_BACK = """
update daily_count set count = greatest(0, count - %s) where service_id = %s and channel = %s and day = %s
"""

_Owner = tuple[UUID, str, date | None]
_Limit = TypeVar("_Limit", Bucket, Place)


class Allowances:
    """Takes tokens and places, many at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[Asked, Allowed] = Batch(self._take_all)

    async def take(self, bucket: Bucket | None, place: Place | None) -> Allowed:
        """Take one token (a request that does not pass takes one, too) and one place, of what is given."""
        allowed = await self._batch.add(Asked(bucket, place))
        if place is not None and allowed.placed and not allowed.passes:
            await self.give_back(place)
        return allowed

    async def take_places(self, place: Place, wanted: int) -> int:
        """Take many places at once; return how many there were."""
        async with self._pool.connection() as connection:
            columns = [*_columns(Counter[Bucket]()), *_columns(Counter({place: wanted}))]
            cursor = await connection.execute(_TAKE, columns)
            row = await cursor.fetchone()
        return row[3] if row else 0

    async def give_back(self, place: Place, times: int = 1) -> None:
        """Give places back, since their messages were not stored."""
        async with self._pool.connection() as connection:
            await connection.execute(_GIVE_BACK, [times, place.service_id, place.channel, place.day])

    async def _take_all(self, asked: Sequence[Asked]) -> Sequence[Allowed]:
        buckets = _counted([one.bucket for one in asked if one.bucket is not None])
        places = _counted([one.place for one in asked if one.place is not None])
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_TAKE, [*_columns(buckets), *_columns(places)])
            rows = await cursor.fetchall()
        granted: dict[_Owner, Iterator[tuple[bool, int]]] = {
            (row[0], row[1], row[2]): _in_turn(row[3], row[4]) for row in rows
        }
        return [_allowed(one, granted) for one in asked]


def today(service_id: UUID, channel: str, most: int) -> Place:
    """Return a place of today."""
    return Place(service_id, channel, datetime.now(UTC).date(), most)


def _counted(asked: "Sequence[_Limit]") -> "Counter[_Limit]":
    """How often each is asked for. Where a limit was changed just now, all go by what the last of them knows."""
    newest = {one.owner: one for one in asked}
    return Counter(newest[one.owner] for one in asked)


def _columns(counted: "Counter[Bucket] | Counter[Place]") -> Iterable[list[object]]:
    """Columns for unnest: four of what is asked for, then how often it is."""
    rows = [(*msgspec.structs.astuple(one), times) for one, times in counted.items()]
    return [[row[n] for row in rows] for n in range(5)]


def _allowed(one: Asked, granted: dict[_Owner, Iterator[tuple[bool, int]]]) -> Allowed:
    bucket, place = one.bucket, one.place
    passes, tokens = (True, 0) if bucket is None else next(granted[bucket.owner])
    placed, _ = (True, 0) if place is None else next(granted[place.owner])
    return Allowed(passes, tokens, placed)


def _in_turn(granted: int, left: int) -> Iterator[tuple[bool, int]]:
    """Those who asked, in the order they came: the first of them get what there is."""
    for _ in range(granted):
        yield True, left
    while True:
        yield False, left
