"""Texts that people sent to a service's number."""

from datetime import datetime
from uuid import UUID

import msgspec
from psycopg.rows import args_row

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


# An id that is unknown, or of another service, is older than nothing: the page is empty then.
_PAGE = f"""
select id, user_number, notify_number, created_at, service_id, content from received_text
where service_id = %(service_id)s and (%(older_than)s::uuid is null or created_at < (
    select created_at from received_text where id = %(older_than)s and service_id = %(service_id)s))
order by created_at desc, id desc limit {PAGE}
"""


class ReceivedTexts:
    """The table of received texts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def page(self, service_id: UUID, older_than: UUID | None) -> list[ReceivedText]:
        """Return up to 250 texts, newest first."""
        row = args_row(ReceivedText)
        async with self._pool.connection() as connection, connection.cursor(row_factory=row) as cursor:
            await cursor.execute(_PAGE, {"service_id": service_id, "older_than": older_than})
            return await cursor.fetchall()
