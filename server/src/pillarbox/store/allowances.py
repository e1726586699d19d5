"""Limits in the database, so that they hold across API processes (public API contract, section 5).

A request takes a token from a bucket and a place among the messages of the day, both in one statement, which many
requests share. A place is given back if its message is refused after all: so the limit holds however many requests
come at once. `admissions` takes them in the statement that stores the message; here commits need not wait for the disk:
what a crash of the database forgets is a fraction of a second of counting.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from pillarbox.messages.limits import bucket_size
from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool
from pillarbox.store.services import KeyType


class Bucket(msgspec.Struct, frozen=True, cache_hash=True):
    """Whose bucket it is, how many tokens it holds when full, and how many run in a minute."""

    service_id: UUID
    key_type: KeyType
    size: int
    per_minute: int

    @property
    def owner(self) -> "_Owner":
        """Whose it is."""
        return self.service_id, self.key_type, None


class Place(msgspec.Struct, frozen=True, cache_hash=True):
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

    @property
    def entirely(self) -> bool:
        """Whether it got all it asked for."""
        return self.passes and self.placed


# Two steps of a statement. `tokens` first fills up: whole tokens only, the rest of the time is kept for the next of
# them. Then so many requests as were asked for each take one; those pass that leave one at least.
TAKING = """buckets as (
    insert into rate_bucket as b (service_id, key_type, size, per_minute, asked, granted, tokens, filled_at)
    select service_id, key_type, size, per_minute, asked, greatest(0, least(asked, size - 1)),
        greatest(0, size - asked), clock_timestamp()
    from json_to_recordset(%(buckets)s::json)
        as t(service_id uuid, key_type text, size integer, per_minute integer, asked integer)
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
    returning service_id, key_type, asked, granted, tokens
), places as (
    insert into daily_count as d (service_id, channel, day, most, asked, granted, count)
    select service_id, channel, day, most, asked, least(asked, most), least(asked, most)
    from json_to_recordset(%(places)s::json)
        as t(service_id uuid, channel text, day date, most integer, asked integer)
    order by service_id, channel, day
    on conflict (service_id, channel, day) do update set
        most = excluded.most, asked = excluded.asked,
        granted = greatest(0, least(excluded.asked, excluded.most - d.count)),
        count = d.count + greatest(0, least(excluded.asked, excluded.most - d.count))
    returning service_id, channel, day, asked, granted
)"""
TAKEN = """
select service_id, key_type, null::date, granted, tokens from buckets
union all
select service_id, channel, day, granted, 0 from places
"""
_TAKE = f"""
with hasty as (select set_config('synchronous_commit', 'off', true)), {TAKING}, taken as ({TAKEN})
select taken.* from taken cross join hasty
"""
_GIVE_BACK = """
update daily_count set count = greatest(0, count - %s) where service_id = %s and channel = %s and day = %s
"""

_MOST_REMEMBERED = 10_000

_Owner = tuple[UUID, str, date | None]
_Limit = TypeVar("_Limit", Bucket, Place)


class Tally:
    """What many requests ask for: counted for one statement, and shared out in the order they came."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = asked
        self._buckets = Counter(one.bucket for one in asked if one.bucket is not None)
        self._places = Counter(one.place for one in asked if one.place is not None)

    @property
    def parameters(self) -> dict[str, str]:
        """What `TAKING` takes."""
        return {"buckets": _rows(self._buckets), "places": _rows(self._places)}

    def share_out(self, taken: Iterable[TupleRow]) -> list[Allowed]:
        """Return what each request got, given the rows of `TAKEN`."""
        turns: dict[_Owner, Iterator[tuple[bool, int]]] = {
            (row[0], row[1], row[2]): _in_turn(row[3], row[4]) for row in taken
        }
        limits: list[Bucket | Place] = [*self._buckets, *self._places]
        turn_of = {limit: turns[limit.owner] for limit in limits}
        return [_allowed(one, turn_of) for one in self._asked]


class Allowances:
    """Takes tokens and places, many at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[Asked, Allowed] = Batch(self._take_all)
        self._ran_out: set[Bucket | Place] = set()

    async def take(self, bucket: Bucket | None, place: Place | None) -> Allowed:
        """Take one token (a request that does not pass takes one, too) and one place, of what is given."""
        asked = Asked(bucket, place)
        return await self.settle(asked, await self._batch.add(asked))

    async def settle(self, asked: Asked, allowed: Allowed) -> Allowed:
        """Give back the place of a request that does not pass, and remember which limits ran out."""
        if asked.place is not None and allowed.placed and not allowed.passes:
            await self.give_back(asked.place)
        if self._ran_out or not allowed.entirely:
            self._remember(asked.bucket, ran_out=not allowed.passes)
            self._remember(asked.place, ran_out=not allowed.placed)
        return allowed

    def ran_out(self, bucket: Bucket, place: Place | None) -> bool:
        """Whether the last who asked for one of these was refused."""
        return bucket in self._ran_out or place in self._ran_out

    def _remember(self, limit: Bucket | Place | None, *, ran_out: bool) -> None:
        if ran_out and limit is not None:
            if len(self._ran_out) >= _MOST_REMEMBERED:  # places of days gone by must not fill the memory
                self._ran_out.clear()
            self._ran_out.add(limit)
        else:
            self._ran_out.discard(limit)

    async def take_places(self, place: Place, wanted: int) -> int:
        """Take many places at once; return how many there were."""
        parameters = {"buckets": "[]", "places": _rows(Counter({place: wanted}))}
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_TAKE, parameters)
            row = await cursor.fetchone()
        return row[3] if row else 0

    async def give_back(self, place: Place, times: int = 1) -> None:
        """Give places back, since their messages were not stored."""
        async with self._pool.connection() as connection:
            await connection.execute(_GIVE_BACK, [times, place.service_id, place.channel, place.day])

    async def _take_all(self, asked: Sequence[Asked]) -> Sequence[Allowed]:
        tally = Tally(asked)
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_TAKE, tally.parameters)
            return tally.share_out(await cursor.fetchall())


@lru_cache(maxsize=4096)
def bucket_of(service_id: UUID, key_type: KeyType, per_minute: int) -> Bucket:
    """Return the bucket of a service's keys of a type."""
    return Bucket(service_id, key_type, bucket_size(per_minute), per_minute)


def today(service_id: UUID, channel: str, most: int) -> Place:
    """Return a place of today."""
    return _place(service_id, channel, datetime.now(UTC).date(), most)


_place = lru_cache(maxsize=4096)(Place)  # whose hash is made once: each statement counts by it


def _rows(counted: Counter[_Limit]) -> str:
    """Rows as JSON: each limit and how often it is asked for.

    Where a limit was changed just now, all go by what the last of them knows.
    """
    rows: dict[_Owner, dict[str, object]] = {}
    asked = Counter[_Owner]()
    for one, times in counted.items():
        asked[one.owner] += times
        rows[one.owner] = msgspec.structs.asdict(one) | {"asked": asked[one.owner]}
    return msgspec.json.encode(list(rows.values())).decode()


def _allowed(one: Asked, turns: Mapping[Bucket | Place, Iterator[tuple[bool, int]]]) -> Allowed:
    passes, tokens = (True, 0) if one.bucket is None else next(turns[one.bucket])
    placed, _ = (True, 0) if one.place is None else next(turns[one.place])
    return Allowed(passes, tokens, placed)


def _in_turn(granted: int, left: int) -> Iterator[tuple[bool, int]]:
    """Those who asked, in the order they came: the first of them get what there is."""
    for _ in range(granted):
        yield True, left
    while True:
        yield False, left
