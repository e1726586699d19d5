"""What providers tell us: kept before anybody reads it, applied, and only then forgotten (contract, section 9)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec
from psycopg.rows import args_row

from pillarbox.messages.posts import Post, PostKind
from pillarbox.store.batches import Batch
from pillarbox.store.database import Connection, Pool


class KeptPost(msgspec.Struct, frozen=True):
    """A post as it was kept."""

    id: int
    provider: str
    kind: PostKind
    body: bytes
    content_type: str
    query: str
    received_at: datetime
    age: float  # seconds since then, by the database's clock

    @property
    def post(self) -> Post:
        """What the provider sent."""
        return Post(self.provider, self.kind, self.body, self.content_type, self.query)


class Fate(msgspec.Struct, frozen=True):
    """What becomes of a kept post: forgotten, looked at again later, or put aside with the reason in `outcome`."""

    post_id: int
    again_in: float | None = None
    outcome: str | None = None


Apply = Callable[[Connection, list[KeptPost]], Awaitable[list[Fate]]]

_KEEP = """
with kept as (
    insert into provider_post (provider, kind, body, content_type, query, due)
    select p.provider, p.kind, p.body, p.content_type, p.query, clock_timestamp() + p.wait * interval '1 second'
    from unnest(%s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::float[])
        as p(provider, kind, body, content_type, query, wait)
)
select pg_notify('outbox', '')
"""
_TAKE = """
select id, provider, kind, body, content_type, query, received_at,
    extract(epoch from clock_timestamp() - received_at)::float
from provider_post where outcome is null and due <= now() order by due limit %s for update skip locked
"""
_FORGET = """
with fate as (
    select * from json_to_recordset(%s::json) as f(post_id bigint, again_in float, outcome text)
), kept as (
    update provider_post p set attempts = least(p.attempts, 32766) + 1, outcome = f.outcome,
        due = clock_timestamp() + coalesce(f.again_in, 0) * interval '1 second'
    from fate f where p.id = f.post_id and (f.again_in is not null or f.outcome is not null)
)
delete from provider_post p using fate f where p.id = f.post_id and f.again_in is null and f.outcome is null
"""

# Before the schema of 0003_delivery_engine, made-up receipts waited in the outbox; nobody claims them there now.
_TAKE_OVER = """
with left_behind as (
    delete from outbox where id = any(array(
        select id from outbox where kind = 'receipt' and due <= now() limit %(most)s for update skip locked))
    returning notification_id, payload
), taken_over as (
    insert into provider_post (provider, kind, body)
    select %(provider)s, 'receipt',
        convert_to(json_build_object('reference', notification_id, 'status', payload->'status')::text, 'UTF8')
    from left_behind
    returning id
)
select count(*), pg_notify('outbox', '') from taken_over
"""
_MOST_TAKEN_OVER = 5000


class ProviderPosts:
    """The table of posts that are still to be applied."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[tuple[Post, float], None] = Batch(self._keep_all)

    async def keep(self, post: Post, wait: float = 0.0) -> None:
        """Keep a post: it is on disk when this returns, and applied soon, or after `wait` seconds."""
        await self._batch.add((post, wait))

    async def work_on(self, most: int, apply: Apply) -> int:
        """Have up to `most` posts applied that are due, in one transaction; return how many there were.

        Nobody else is spoken to meanwhile, so the transaction may stay open: if we die, everything is as it was.
        """
        async with self._pool.connection() as connection, connection.transaction():
            async with connection.cursor(row_factory=args_row(KeptPost)) as cursor:
                await cursor.execute(_TAKE, [most])
                posts = await cursor.fetchall()
            if posts:
                fates = await apply(connection, posts)
                await connection.execute(_FORGET, [msgspec.json.encode(fates).decode()])
        return len(posts)

    async def take_over(self, provider: str) -> int:
        """Keep receipts that an earlier version, while an upgrade was under way, left where it looked for them.

        `provider` is whose they are from now on. Returns how many there were.
        """
        total = 0
        while True:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(
                    _TAKE_OVER, {"most": _MOST_TAKEN_OVER, "provider": provider}
                )
                row = await cursor.fetchone()
            if not row or not row[0]:
                return total
            total += row[0]

    async def _keep_all(self, kept: Sequence[tuple[Post, float]]) -> Sequence[None]:
        posts = [post for post, _ in kept]
        columns = (
            [post.provider for post in posts],
            [post.kind for post in posts],
            [post.body for post in posts],
            [post.content_type for post in posts],
            [post.query for post in posts],
            [wait for _, wait in kept],
        )
        async with self._pool.connection() as connection:
            await connection.execute(_KEEP, columns)
        return [None] * len(posts)
