"""What the sandbox caught: kept for the inbox until somebody empties it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import args_row

from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool
from pillarbox.store.ids import created_at_of

MOST_SHOWN = 250


class CaughtMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message as it would have reached its recipient. `html` and `source` are an email's.

    `refusal` says why it has not been taken (`busy`, `rejected`); None if it has.
    """

    id: UUID
    service_id: UUID
    notification_id: UUID
    channel: str
    recipient: str
    sender: str | None
    reference: str | None
    subject: str | None
    body: str
    html: str | None = None
    source: str | None = None
    refusal: str | None = None
    caught_at: datetime | None = None


class Search(msgspec.Struct, frozen=True):
    """Which caught messages are meant; None means any."""

    to: str | None = None
    channel: str | None = None
    reference: str | None = None
    since: datetime | None = None
    refused: bool = False  # whether messages that were not taken are meant, too


class Fate(msgspec.Struct, frozen=True):
    """What has become of a message so far: its status, and what happened to it, oldest first."""

    id: UUID
    created_at: datetime
    status: str
    timeline: list[dict[str, Any]]


# This need not wait for the disk: if a crash of the database forgets a message, then also that it was handed over,
# which is committed after it; it is handed over again.
_KEEP = """
insert into sandbox_message
    (id, service_id, notification_id, channel, recipient, sender, reference, subject, body, html, source, refusal)
select distinct on (notification_id)
    id, service_id, notification_id, channel, recipient, sender, reference, subject, body, html, source, refusal
from json_to_recordset(%s::json) as r(id uuid, service_id uuid, notification_id uuid, channel text, recipient text,
    sender text, reference text, subject text, body text, html text, source text, refusal text)
    cross join (select set_config('synchronous_commit', 'off', true)) as hasty
on conflict (notification_id) do update set refusal = excluded.refusal, caught_at = clock_timestamp()
where sandbox_message.refusal is not null
"""
_COLUMNS = """
select id, service_id, notification_id, channel, recipient, sender, reference, subject, body, html, source, refusal,
    caught_at
from sandbox_message
"""
_NEWEST = f"""
{_COLUMNS}
where (%(to)s::text is null or lower(recipient) = lower(%(to)s))
    and (%(channel)s::text is null or channel = %(channel)s)
    and (%(reference)s::text is null or reference = %(reference)s)
    and (%(since)s::timestamptz is null or caught_at > %(since)s)
    and (refusal is null or %(refused)s)
order by caught_at desc, id desc limit {MOST_SHOWN}
"""
_FATES = """
select n.id, n.created_at, n.status, n.timeline
from unnest(%s::uuid[], %s::timestamptz[]) as wanted(id, created_at)
join notification n on n.id = wanted.id and n.created_at = wanted.created_at
"""


class Sandbox:
    """The table of caught messages."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[CaughtMessage, None] = Batch(self._keep_all)

    async def keep(self, message: CaughtMessage) -> None:
        """Keep a message; the same notification again changes nothing, unless it was refused before."""
        await self._batch.add(message)

    async def find(self, message_id: UUID) -> CaughtMessage | None:
        """Return one message; None if it is not (or no longer) there."""
        found = await self._fetch(f"{_COLUMNS} where id = %s", [message_id])
        return found[0] if found else None

    async def newest(self, search: Search) -> list[CaughtMessage]:
        """Return the messages that are meant, newest first, at most 250."""
        return await self._fetch(_NEWEST, msgspec.structs.asdict(search))

    async def fates(self, messages: Sequence[CaughtMessage]) -> dict[UUID, Fate]:
        """Return what became of the notifications of these messages, by id; some may be gone."""
        wanted = {one.notification_id: created_at_of(one.notification_id) for one in messages}
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(Fate)) as cursor,
        ):
            await cursor.execute(_FATES, [list(wanted), list(wanted.values())])
            return {fate.id: fate for fate in await cursor.fetchall()}

    async def empty(self) -> None:
        """Forget all messages."""
        async with self._pool.connection() as connection:
            await connection.execute("delete from sandbox_message")

    async def _keep_all(self, messages: Sequence[CaughtMessage]) -> Sequence[None]:
        async with self._pool.connection() as connection:
            await connection.execute(_KEEP, [msgspec.json.encode(messages).decode()])
        return [None] * len(messages)

    async def _fetch(self, query: str, parameters: list[object] | dict[str, object]) -> list[CaughtMessage]:
        row = args_row(CaughtMessage)
        async with self._pool.connection() as connection, connection.cursor(row_factory=row) as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchall()
