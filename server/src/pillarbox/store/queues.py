"""How much waits to be done, and for how long."""

import msgspec
from psycopg.rows import args_row

from pillarbox.store.database import Pool


class Waiting(msgspec.Struct, frozen=True):
    """One kind of work.

    Attributes:
        kind: deliver, callback, …; post: what providers told us.
        lane: 0: people wait for it; 1: it was sent in bulk.
        length: how many there are, those included that are to be tried again later.
        due: how many could be done now.
        oldest: for how many seconds the first of these could have been.
    """

    kind: str
    lane: int
    length: int
    due: int
    oldest: float


_WAITING = """
select kind, lane, count(*), count(*) filter (where due <= now()),
    coalesce(extract(epoch from now() - min(due) filter (where due <= now())), 0)::float
from (
    select kind, lane, due from outbox
    union all
    select 'post', 0, due from provider_post where outcome is null
) as waiting
group by kind, lane order by kind, lane
"""
_HANDED_OVER = """
select exists(select from notification
    where created_at > now() - interval '4 days' and sent_at > now() - %s * interval '1 second')
"""


class Queues:
    """The outbox and the posts of providers, from afar."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def waiting(self) -> list[Waiting]:
        """Return what waits, by kind and lane."""
        row = args_row(Waiting)
        async with self._pool.connection() as connection, connection.cursor(row_factory=row) as cursor:
            await cursor.execute(_WAITING)
            return await cursor.fetchall()

    async def handed_over_within(self, seconds: float) -> bool:
        """Whether any message was handed over lately. It takes a while where there are many."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_HANDED_OVER, [seconds])
            row = await cursor.fetchone()
        return bool(row and row[0])
