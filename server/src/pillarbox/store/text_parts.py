"""Long texts from people's phones, which providers bring in parts: one worker may get the first, another the second."""

from pillarbox.messages.posts import JOINED, Part, Post
from pillarbox.store.database import Pool

WAIT_SECONDS = 600  # for the other parts; then a text is shown as far as it has come

# Two workers that bring the last two parts at the same moment must see each other's.
_LOCK = "select pg_advisory_xact_lock(hashtextextended(%(provider)s || ' ' || %(group)s, 0))"

# A provider that was not answered brings a part again: that is no news. Another body is another text.
_KEEP = """
insert into provider_post_part as p (provider, group_name, number, content_type, body)
values (%(provider)s, %(group)s, %(number)s, %(content_type)s, %(body)s)
on conflict (provider, group_name, number) do update
set body = excluded.body, received_at = excluded.received_at, joined = false where p.body <> excluded.body
"""

_POST = f"""
insert into provider_post (provider, kind, content_type, body)
select provider, 'received_text', min(content_type) || '{JOINED}', string_agg(body, ''::bytea order by number)
from whole group by provider, group_name
"""

# Joined parts stay for a while, so that one that comes again is known.
_JOIN = f"""
with whole as (
    update provider_post_part set joined = true
    where provider = %(provider)s and group_name = %(group)s and not joined and %(of)s = (
        select count(*) from provider_post_part
        where provider = %(provider)s and group_name = %(group)s and not joined)
    returning *
), posted as ({_POST} returning 1)
select pg_notify('outbox', '') where exists (select from posted)
"""

_GIVE_UP = f"""
with old as (
    select provider, group_name from provider_post_part
    group by provider, group_name
    having max(received_at) < clock_timestamp() - make_interval(secs => %(seconds)s)
), gone as (
    delete from provider_post_part p using old where (p.provider, p.group_name) = (old.provider, old.group_name)
    returning p.*
), whole as (
    select * from gone where not joined
), posted as ({_POST} returning 1)
select count(*) from posted
"""


class TextParts:
    """The table of parts that wait for others."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, post: Post, part: Part) -> None:
        """Keep a part. With the last one, all of them become a post of their own, which is applied like any other.

        Its body is the bodies of all parts in order of their numbers, its content type ends with `JOINED`.
        """
        given = {
            "provider": post.provider,
            "content_type": post.content_type,
            "body": post.body,
            "group": part.group,
            "number": part.number,
            "of": part.of,
        }
        async with self._pool.connection() as connection, connection.transaction():
            for statement in (_LOCK, _KEEP, _JOIN):
                await connection.execute(statement, given)

    async def give_up(self, seconds: float = WAIT_SECONDS) -> int:
        """Join what has waited in vain: part of a text is better than none. Return how many texts that makes."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_GIVE_UP, {"seconds": seconds})
            return int((await cursor.fetchone() or [0])[0])
