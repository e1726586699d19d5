"""Token buckets in the database, so that they hold across API processes (public API contract, section 5)."""

from collections import Counter
from collections.abc import Iterator, Sequence
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


class Taken(msgspec.Struct, frozen=True):
    """Whether the request passes, and how many tokens are left."""

    passes: bool
    tokens: int


# `tokens` first fills up: whole tokens only, the rest of the time is kept for the next of them. Then so many requests
# as were asked for each take one; those pass that leave one at least.
_TAKE = """
insert into rate_bucket as b (service_id, key_type, size, per_minute, asked, granted, tokens, filled_at)
select service_id, key_type, size, per_minute, asked, greatest(0, least(asked, size - 1)), greatest(0, size - asked),
    clock_timestamp()
from unnest(%s::uuid[], %s::text[], %s::integer[], %s::integer[], %s::integer[])
    as t(service_id, key_type, size, per_minute, asked)
order by service_id, key_type
on conflict (service_id, key_type) do update set
    (size, per_minute, asked, granted, tokens, filled_at) = (
        select excluded.size, excluded.per_minute, excluded.asked,
            greatest(0, least(excluded.asked, filled.tokens - 1)),
            greatest(0, filled.tokens - excluded.asked), filled.at
        from (
            select case when b.tokens + new.tokens >= excluded.size then excluded.size else b.tokens + new.tokens end,
                case when b.tokens + new.tokens >= excluded.size or excluded.per_minute = 0 then clock_timestamp()
                    else b.filled_at + new.tokens * 60.0 / excluded.per_minute * interval '1 second' end
            from (select floor(greatest(0, extract(epoch from clock_timestamp() - b.filled_at))
                * excluded.per_minute / 60.0)::bigint) as new(tokens)
        ) as filled(tokens, at)
    )
returning service_id, key_type, granted, tokens
"""


class Buckets:
    """Takes tokens, many requests at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[Bucket, Taken] = Batch(self._take_all)

    async def take(self, bucket: Bucket) -> Taken:
        """Take one token; a request that does not pass takes one, too."""
        return await self._batch.add(bucket)

    async def _take_all(self, buckets: Sequence[Bucket]) -> Sequence[Taken]:
        asked = Counter(buckets)
        columns = [
            [one.service_id for one in asked],
            [one.key_type for one in asked],
            [one.size for one in asked],
            [one.per_minute for one in asked],
            list(asked.values()),
        ]
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_TAKE, columns)
            rows = await cursor.fetchall()
        left = {(row[0], row[1]): _in_turn(row[2], row[3]) for row in rows}
        return [next(left[one.service_id, one.key_type]) for one in buckets]


def _in_turn(granted: int, tokens: int) -> Iterator[Taken]:
    """The requests of one bucket in the order they came: the first of them pass."""
    for _ in range(granted):
        yield Taken(True, tokens)
    while True:
        yield Taken(False, tokens)
