"""Requests to unsubscribe, kept for the service that the email came from."""

from uuid import UUID

from pillarbox.store.database import Pool

# The address in the link must be the one that the email went to. The archive knows no addresses: there the link alone
# says it.
_ADD = """
with known as (
    select n.id, n.service_id, n.template_id, n.recipient from notification n
    where n.id = %(id)s and n.channel = 'email' and n.recipient = %(recipient)s
    union all
    select a.id, a.service_id, a.template_id, %(recipient)s from archived_email a where a.id = %(id)s
), added as (
    insert into unsubscribe_request (notification_id, service_id, template_id, recipient)
    select id, service_id, template_id, recipient from known
    on conflict do nothing
)
select count(*) from known
"""


class UnsubscribeRequests:
    """The table of requests, one for each notification."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, notification_id: UUID, recipient: str) -> bool:
        """Keep a request; False if no such email went to this address. Twice is the same as once.

        Args:
            notification_id: of the email, in use or in the archive.
            recipient: the address that the email's own link holds.
        """
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_ADD, {"id": notification_id, "recipient": recipient})
            row = await cursor.fetchone()
        return bool(row and row[0])
