"""What providers tell us: kept before anybody reads it, so that no receipt is lost (contract, section 9)."""

from collections.abc import Sequence

from pillarbox.messages.posts import Post
from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool

_KEEP = """
with kept as (
    insert into provider_post (provider, kind, body, content_type, query, due)
    select p.provider, p.kind, p.body, p.content_type, p.query, clock_timestamp() + p.wait * interval '1 second'
    from unnest(%s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::float[])
        as p(provider, kind, body, content_type, query, wait)
)
select pg_notify('outbox', '')
"""


class ProviderPosts:
    """The table of posts that are still to be applied."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[tuple[Post, float], None] = Batch(self._keep_all)

    async def keep(self, post: Post, wait: float = 0.0) -> None:
        """Keep a post: it is on disk when this returns, and applied soon, or after `wait` seconds."""
        await self._batch.add((post, wait))

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
