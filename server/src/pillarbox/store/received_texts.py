"""Texts that people sent to a service's number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from psycopg.rows import args_row

from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool

PAGE = 250


class ReceivedText(msgspec.Struct, frozen=True):
    """A text that arrived."""

    id: UUID
    user_number: str
    notify_number: str
    created_at: datetime
    service_id: UUID
    content: str


class NewReceivedText(msgspec.Struct, frozen=True):
    """A text as a provider brought it.

    Attributes:
        receiver: the service's number in any form: digits decide, and 44 in front is 0.
        provider_reference: the same one of the same provider twice is one text; None: there is nothing to tell by.
        sent_at: the provider's time.
    """

    id: UUID
    created_at: datetime
    user_number: str
    receiver: str
    content: str
    provider: str
    provider_reference: str | None
    sent_at: datetime | None


class TextToTell(msgspec.Struct, frozen=True):
    """A text and whom to tell of it: `token` is sealed, `received_at` the provider's time or else ours."""

    id: UUID
    user_number: str
    notify_number: str
    created_at: datetime
    content: str
    received_at: datetime
    url: str
    token: bytes


Kept = Literal["kept", "known", "unwanted"]

# An id that is unknown, or of another service, is older than nothing: the page is empty then.
_PAGE = f"""
select id, user_number, notify_number, created_at, service_id, content from received_text
where service_id = %(service_id)s and (%(older_than)s::uuid is null or created_at < (
    select created_at from received_text where id = %(older_than)s and service_id = %(service_id)s))
order by created_at desc, id desc limit {PAGE}
"""

# Looking at `woken` is what makes it happen. References are inserted in order, lest two workers wait for each other.
_ADD = """
with given as (
    select * from unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::timestamptz[]) as t(id, created_at, user_number, receiver, content, provider, provider_reference, sent_at)
), wanted as (
    select g.*, s.id as service_id, s.inbound_number
    from given g cross join lateral (
        select id, inbound_number from service
        where inbound_digits = national_digits(g.receiver) and active and 'inbound_sms' = any(permissions)
        order by created_at limit 1
    ) s
), kept as (
    insert into received_text (id, created_at, service_id, notify_number, user_number, content, provider,
        provider_reference, sent_at)
    select id, created_at, service_id, inbound_number, user_number, content, provider, provider_reference, sent_at
    from wanted
    order by provider, provider_reference
    on conflict do nothing
    returning id, service_id
), queued as (
    insert into outbox (kind, service_id, payload)
    select 'callback', k.service_id, json_build_object('received_text', k.id)
    from kept k join callback c on c.service_id = k.service_id and c.kind = 'inbound_sms'
    returning 1
), woken as (
    select pg_notify('outbox', '') where exists (select from queued)
)
select g.id, case when k.id is not null then 'kept' when w.id is not null then 'known' else 'unwanted' end
from given g left join wanted w on w.id = g.id left join kept k on k.id = g.id
where (select count(*) from woken) >= 0
"""
_TO_TELL = """
select t.id, t.user_number, t.notify_number, t.created_at, t.content, coalesce(t.sent_at, t.created_at),
    c.url, c.bearer_token
from received_text t join callback c on c.service_id = t.service_id and c.kind = 'inbound_sms'
where t.service_id = %s and t.id = %s
"""
_NEWEST = f"""
select id, user_number, notify_number, created_at, service_id, content from received_text
order by created_at desc, id desc limit {PAGE}
"""

_WANTED = """
select exists (
    select from service
    where inbound_digits = national_digits(%s) and active and 'inbound_sms' = any(permissions)
)
"""


class ReceivedTexts:
    """The table of received texts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[NewReceivedText, Kept] = Batch(self._add_all)

    async def add(self, text: NewReceivedText) -> Kept:
        """Give a text to the service whose number it was sent to, and queue its callback if it wants one.

        Returns:
            `kept`: it is on disk. `known`: it was there already. `unwanted`: the number belongs to no service, or to
            one that is archived or may not receive texts.

        Raises:
            psycopg.DataError: if it cannot be stored, such as a text with NUL in it.
        """
        return await self._batch.add(text)

    async def wanted(self, receiver: str) -> bool:
        """Return whether a number, in any form, belongs to a service that may receive texts."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_WANTED, (receiver,))
            (wanted,) = await cursor.fetchone() or (False,)
        return bool(wanted)

    async def _add_all(self, texts: Sequence[NewReceivedText]) -> Sequence[Kept]:
        columns = [[getattr(text, name) for text in texts] for name in NewReceivedText.__struct_fields__]
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_ADD, columns)
            became: dict[UUID, Kept] = dict(await cursor.fetchall())
        return [became[text.id] for text in texts]

    async def page(self, service_id: UUID, older_than: UUID | None) -> list[ReceivedText]:
        """Return up to 250 texts, newest first."""
        row = args_row(ReceivedText)
        async with self._pool.connection() as connection, connection.cursor(row_factory=row) as cursor:
            await cursor.execute(_PAGE, {"service_id": service_id, "older_than": older_than})
            return await cursor.fetchall()

    async def to_tell(self, service_id: UUID, identifier: UUID) -> TextToTell | None:
        """Return a text with the service's URL and token of now; None if the service has none or the text is gone."""
        row = args_row(TextToTell)
        async with self._pool.connection() as connection, connection.cursor(row_factory=row) as cursor:
            await cursor.execute(_TO_TELL, [service_id, identifier])
            return await cursor.fetchone()

    async def newest(self) -> list[ReceivedText]:
        """Return up to 250 texts to any service, newest first; for the inbox, which shows what all of them have."""
        row = args_row(ReceivedText)
        async with self._pool.connection() as connection, connection.cursor(row_factory=row) as cursor:
            await cursor.execute(_NEWEST)
            return await cursor.fetchall()
