"""Receipts and the messages that they are about: found by our reference or the provider's, and moved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import args_row

from pillarbox.store.database import Connection
from pillarbox.store.ids import created_at_of
from pillarbox.store.services import Channel
from pillarbox.store.telling import TELL, with_events


class Wanted(msgspec.Struct, frozen=True):
    """A message that a receipt is about: by its id, or by what its provider called it."""

    notification_id: UUID | None = None
    provider: str = ""
    reference: str = ""


class Known(msgspec.Struct, frozen=True):
    """A message that was found; `number` is the place in the list of those wanted."""

    number: int
    notification_id: UUID
    created_at: datetime
    channel: Channel
    status: str
    recipient: str


class Move(msgspec.Struct, frozen=True):
    """A status that a message is to have, if its own is still one of `only_from`; None: it is only noted."""

    notification_id: UUID
    created_at: datetime
    status: str | None
    only_from: tuple[str, ...]
    event: dict[str, Any]
    tell: bool = True


_SHOWN = "w.number, n.id, n.created_at, n.channel, n.status, n.recipient"
_WANTED = "json_to_recordset(%(wanted)s::json) as w(number int, id uuid, at timestamptz, provider text, reference text)"
# An id of ours says when it was made, and so leads to one partition.
_FIND = f"""
select {_SHOWN} from {_WANTED} join notification n on n.id = w.id and n.created_at = w.at where w.at is not null
union all
select {_SHOWN} from {_WANTED} join notification n on n.id = w.id where w.at is null and w.id is not null
union all
select {_SHOWN} from {_WANTED}
join provider_reference p on p.provider = w.provider and p.reference = w.reference
join notification n on n.id = p.notification_id and n.created_at = p.notification_created_at where w.id is null
"""
_MOVE = f"""
with asked as (
    select * from json_to_recordset(%s::json) as r(notification_id uuid, created_at timestamptz, status text,
        only_from text[], event jsonb, tell boolean)
), moment as materialized (
    select clock_timestamp() as at
), moved as (
    -- One update decides on the row as it is once it is ours, whatever is committed meanwhile.
    update notification n set
        status = case when n.status = any(r.only_from) then coalesce(r.status, n.status) else n.status end,
        updated_at = case when r.status is not null and n.status = any(r.only_from) then m.at else n.updated_at end,
        timeline = {with_events("r.event")}
    from asked r cross join moment m
    where n.id = r.notification_id and n.created_at = r.created_at
    returning n.*, r.tell and n.updated_at = m.at as tell
), told as ({TELL})
select pg_notify('outbox', '') from (select from moved where tell limit 1) m
"""


async def find(connection: Connection, wanted: Sequence[Wanted]) -> list[Known]:
    """Return those messages that are there."""
    rows = [
        {
            "number": number,
            "id": one.notification_id,
            "at": one.notification_id and created_at_of(one.notification_id),
            "provider": one.provider,
            "reference": one.reference,
        }
        for number, one in enumerate(wanted)
    ]
    async with connection.cursor(row_factory=args_row(Known)) as cursor:
        await cursor.execute(_FIND, {"wanted": msgspec.json.encode(rows).decode()})
        return await cursor.fetchall()


async def move(connection: Connection, moves: Sequence[Move]) -> None:
    """Move messages along, and queue what services are to be told; no message may be there twice."""
    await connection.execute(_MOVE, [msgspec.json.encode(moves).decode()])
