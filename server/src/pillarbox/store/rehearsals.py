"""The rules that the sandbox plays by: kept here, known to all workers soon, counted across them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import msgspec
from psycopg.rows import args_row

from pillarbox.messages.posts import Post
from pillarbox.rehearsal.rules import MOST_RULES, Rule, Scene
from pillarbox.store.database import Connection, Pool
from pillarbox.store.ids import new_id
from pillarbox.store.provider_posts import ProviderPosts
from pillarbox.store.snapshots import Snapshots

LIFETIME = 0.25  # seconds; whoever changes rules and waits a little longer finds them known everywhere
_ALL_MESSAGES = UUID(int=0)
_STANDING = UUID("7a0f4a0e-5d0c-5b7e-9d37-0b4c0f3f2a11")


class KeptRule(msgspec.Struct, frozen=True):
    """A rule that was set at run time, and how often it has applied, if that is counted."""

    id: UUID
    rule: Rule
    used: int


_RULES = """
select r.id, r.rule, coalesce((select sum(u.used) from sandbox_rule_use u where u.rule_id = r.id), 0)::integer
from sandbox_rule r order by r.place, r.id
"""
_ADD = """
insert into sandbox_rule (id, rule, place)
select %(id)s, %(rule)s,
    case when %(first)s then coalesce(min(place), 0) - 1 else coalesce(max(place), 0) + 1 end
from sandbox_rule
having count(*) < %(most)s
returning id
"""
# Nobody counts beyond the limit, however many ask at once: the row is locked while it is raised.
_TAKE = """
insert into sandbox_rule_use as u (rule_id, notification_id, used) values (%s, %s, 1)
on conflict (rule_id, notification_id) do update set used = u.used + 1 where u.used < %s
returning u.used
"""

_RECEIVERS = """
select id, name, inbound_number, active and 'inbound_sms' = any(permissions) from service
where inbound_number is not null order by name, id
"""


class Receiver(msgspec.Struct, frozen=True):
    """A service that has a number at which it receives texts; `may` says whether it is allowed to."""

    service_id: UUID
    name: str
    number: str
    may: bool


class _Row(msgspec.Struct):
    id: UUID
    rule: dict[str, Any]
    used: int


class Rehearsals:
    """The tables of rules and their counts; the stage that the sandbox plays on."""

    def __init__(self, pool: Pool, posts: ProviderPosts) -> None:
        self._pool = pool
        self._posts = posts
        self._snapshots: Snapshots[None, list[KeptRule]] = Snapshots(lambda _: self.rules(), LIFETIME)

    async def rules(self) -> list[KeptRule]:
        """Return the rules in the order in which they are tried."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(_Row)) as cursor,
        ):
            await cursor.execute(_RULES)
            rows = await cursor.fetchall()
        return [KeptRule(row.id, msgspec.convert(row.rule, Rule), row.used) for row in rows]

    async def add(self, rule: Rule, *, first: bool = False) -> UUID | None:
        """Put a rule behind the others, or in front of them; return its id, or None if there are too many."""
        async with self._pool.connection() as connection:
            return await _add(connection, rule, first=first)

    async def replace(self, rules: Sequence[Rule]) -> None:
        """Put these rules in the place of all there are; counting begins anew, also for the providers file's."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("lock table sandbox_rule in share row exclusive mode")
            await connection.execute("delete from sandbox_rule")
            await connection.execute("delete from sandbox_rule_use")
            for rule in rules:
                await _add(connection, rule)

    async def remove(self, rule_id: UUID) -> bool:
        """Take a rule away; say whether it was there."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("delete from sandbox_rule_use where rule_id = %s", [rule_id])
            removed = await connection.execute("delete from sandbox_rule where id = %s", [rule_id])
        return removed.rowcount > 0

    async def rule(self, scene: Scene, standing: Sequence[Rule]) -> Rule | None:
        """Return the rule that a message falls under, and count that it applied; None if there is none."""
        for kept in await self._snapshots.get(None):
            if kept.rule.fits(scene) and await self._take(kept.id, kept.rule, scene):
                return kept.rule
        for rule in standing:
            if rule.fits(scene) and await self._take(_id_of(rule), rule, scene):
                return rule
        return None

    async def post(self, post: Post, seconds: float) -> None:
        """Keep a post that is to be read in so many seconds; it has been committed once this returns."""
        await self._posts.keep(post, seconds)

    async def number_of(self, service_id: UUID) -> str | None:
        """Return the number at which a service receives texts, if it has one."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "select inbound_number from service where id = %s", [service_id]
            )
            row = await cursor.fetchone()
        return row[0] if row else None

    async def receivers(self) -> list[Receiver]:
        """Return the services that have a number, by name."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(Receiver)) as cursor,
        ):
            await cursor.execute(_RECEIVERS)
            return await cursor.fetchall()

    async def _take(self, rule_id: UUID, rule: Rule, scene: Scene) -> bool:
        """Take one of the times that a rule applies, if there is one left."""
        if rule.times is None:
            return True
        counted = scene.notification_id if rule.for_each_message else _ALL_MESSAGES
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_TAKE, [rule_id, counted, rule.times])
            return await cursor.fetchone() is not None


async def _add(connection: Connection, rule: Rule, *, first: bool = False) -> UUID | None:
    written = msgspec.json.encode(rule).decode()
    values = {"id": new_id()[0], "rule": written, "first": first, "most": MOST_RULES}
    added = await connection.execute(_ADD, values)
    row = await added.fetchone()
    return row[0] if row else None


def _id_of(rule: Rule) -> UUID:
    """The same for all workers, and for as long as the rule stands in the file as it is."""
    return uuid5(_STANDING, msgspec.json.encode(rule).decode())
