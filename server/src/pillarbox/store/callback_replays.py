"""Callbacks that are to be made again: found by the record of attempts, queued as messages are today."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg.rows import args_row

from pillarbox.messages.statuses import CALLED_BACK
from pillarbox.store.callback_attempts import AttemptsQuery, CallbackKind
from pillarbox.store.database import Pool
from pillarbox.store.telling import TELL

_AT_ONCE = 1000


class Replay(msgspec.Struct, frozen=True):
    """A message whose callback may be made again."""

    message_id: UUID
    created_at: datetime
    kind: CallbackKind


# The last attempt counts, whenever it was; what is still queued will be made anyhow.
_CHOSEN = """
select message_id, created_at, kind from (
    select distinct on (message_id) message_id, created_at, kind, outcome from callback_attempt
    where message_id in (
        select message_id from callback_attempt
        where (%(service)s::uuid is null or service_id = %(service)s)
            and (%(message)s::uuid is null or message_id = %(message)s)
            and (%(since)s::timestamptz is null or attempted_at >= %(since)s)
            and (%(until)s::timestamptz is null or attempted_at < %(until)s))
    order by message_id, id desc
) last
where outcome = any(%(outcomes)s) and not exists (
    select from outbox
    where kind = 'callback' and coalesce(notification_id, (payload ->> 'received_text')::uuid) = message_id)
"""
_STATUSES = """
select n.*, true as tell from unnest(%(ids)s::uuid[], %(created)s::timestamptz[]) as g(id, created_at)
join notification n on n.id = g.id and n.created_at = g.created_at
where n.status = any(%(called_back)s)
"""
_QUEUE_STATUSES = f"""
with moved as ({_STATUSES}), told as ({TELL} returning id)
select count(*), pg_notify('outbox', '')::text from told
"""
_COUNT_STATUSES = f"""
select count(*) from ({_STATUSES}) m join callback c on c.service_id = m.service_id and c.kind = 'delivery_status'
"""
_TEXTS = """
select t.service_id, t.id from received_text t
join callback c on c.service_id = t.service_id and c.kind = 'inbound_sms'
where t.id = any(%(ids)s::uuid[])
"""
_QUEUE_TEXTS = f"""
with told as (
    insert into outbox (kind, service_id, payload)
    select 'callback', service_id, json_build_object('received_text', id) from ({_TEXTS}) t
    returning id
)
select count(*), pg_notify('outbox', '')::text from told
"""
_COUNT_TEXTS = f"select count(*) from ({_TEXTS}) t"


class CallbackReplays:
    """Finds callbacks that were made, and queues them anew."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def chosen(self, query: AttemptsQuery) -> AsyncIterator[list[Replay]]:
        """Find messages whose last attempt had one of the query's outcomes; those still queued are left out.

        Yields:
            Up to 1,000 at a time.
        """
        parameters = msgspec.structs.asdict(query) | {"outcomes": list(query.outcomes or ())}
        async with (
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor(name="replays", row_factory=args_row(Replay)) as cursor,
        ):
            await cursor.execute(_CHOSEN, parameters)
            while rows := await cursor.fetchmany(_AT_ONCE):
                yield rows

    async def queue(self, replays: Sequence[Replay]) -> int:
        """Queue them in a commit for each kind, with bodies of today; return how many could be.

        The others' messages are gone, or their services want no callbacks any more.
        """
        return await self._each_kind(replays, _QUEUE_STATUSES, _QUEUE_TEXTS)

    async def count(self, replays: Sequence[Replay]) -> int:
        """Return how many `queue` would queue."""
        return await self._each_kind(replays, _COUNT_STATUSES, _COUNT_TEXTS)

    async def _each_kind(self, replays: Sequence[Replay], statuses: str, texts: str) -> int:
        return await self._run(statuses, [one for one in replays if one.kind == "delivery_status"]) + (
            await self._run(texts, [one for one in replays if one.kind == "inbound_sms"])
        )

    async def _run(self, statement: str, replays: Sequence[Replay]) -> int:
        if not replays:
            return 0
        parameters = {
            "ids": [one.message_id for one in replays],
            "created": [one.created_at for one in replays],
            "called_back": list(CALLED_BACK),
        }
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, parameters)
            row = await cursor.fetchone()
        return int(row[0]) if row else 0
