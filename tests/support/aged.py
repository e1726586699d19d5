"""Messages of another day, put straight into the tables: what the clock is to find there."""

import uuid
from datetime import date, datetime
from typing import Any

from psycopg.rows import dict_row

from pillarbox.store.partitions import ensure_days, partitions
from pillarbox.store.store import Store
from tests.support.factories import MadeService

_PUT = """
insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version, recipient,
    personalisation, status, billable_units, provider)
values (%(id)s, %(at)s, %(service)s, %(channel)s, %(key)s, %(template)s, 1, '447700900123', '{"name": "Jo"}',
    %(status)s, %(units)s, 'somebody')
"""


class Aged:
    """Puts old messages into a store and looks what is there.

    Args:
        store: its tables.
        service: whose messages they are.
    """

    def __init__(self, store: Store, service: MadeService) -> None:
        self.store = store
        self.service = service

    async def days(self, first: date, last: date) -> None:
        """Make the partitions of some days of London."""
        async with self.store.pool.connection() as connection:
            await ensure_days(connection, first, last)

    async def put(
        self,
        at: datetime,
        *,
        service: MadeService | None = None,
        channel: str = "sms",
        key: str = "normal",
        status: str = "delivered",
        units: int = 1,
    ) -> uuid.UUID:
        """A message that was created then; returns its id."""
        owner = service or self.service
        identifier = uuid.uuid4()
        await self.rows(
            _PUT,
            id=identifier,
            at=at,
            service=owner.id,
            channel=channel,
            key=key,
            template=owner.templates[channel],
            status=status,
            units=units,
        )
        return identifier

    async def rows(self, query: str, **values: object) -> list[dict[str, Any]]:
        """What a query gives."""
        async with (
            self.store.pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def ids(self) -> set[uuid.UUID]:
        """Of the messages that are there."""
        return {row["id"] for row in await self.rows("select id from notification")}

    async def status(self, identifier: uuid.UUID) -> str:
        """Of a message."""
        (row,) = await self.rows("select status from notification where id = %(id)s", id=identifier)
        return str(row["status"])

    async def parts(self) -> set[str]:
        """The names of the table's parts."""
        async with self.store.pool.connection() as connection:
            return {there.name for there in await partitions(connection)}

    async def keep(self, service: MadeService, **days: int) -> None:
        """Let a service keep messages for so many days, by channel."""
        await self.rows(
            "update service set retention_days = (select jsonb_object_agg(key, value::int)"
            " from jsonb_each_text(%(days)s)) where id = %(id)s",
            days=_json(days),
            id=service.id,
        )


def _json(value: dict[str, int]) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(value)
