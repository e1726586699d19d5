"""Messages that nobody says anything about: those without a receipt, and those that nobody has in hand (section 7)."""

from datetime import datetime
from typing import Final

from psycopg import sql

from pillarbox.store.database import Connection, Pool
from pillarbox.store.notifications import BULK_LANE
from pillarbox.store.partitions import Partition, pages_of, partitions
from pillarbox.store.telling import TELL, with_events

PAGES_AT_ONCE: Final = 256  # some thousand messages: a fraction of a second
_MOST_LOST = 5000

# What somebody else has in hand at this moment is left to them.
_GIVE_UP = f"""
with silent as (
    select ctid as place from {{partition}}
    where ctid >= %(first)s::tid and ctid < %(end)s::tid and created_at < %(before)s
        and status in ('sending', 'pending') and channel in ('sms', 'email')
    for update skip locked
), moved as (
    update {{partition}} n set status = 'temporary-failure', updated_at = clock_timestamp(),
        timeline = {with_events("jsonb_build_object('what', 'timed out')")}
    from silent where n.ctid = silent.place
    returning n.*, true as tell
), told as ({TELL})
select count(*) from moved
"""
_COUNT_SILENT = """
select count(*) from notification
where created_at < %s and status in ('sending', 'pending') and channel in ('sms', 'email')
"""

# What a provisioning file brings as the past is history: nothing of it is sent.
_LOST = """
from notification n
where n.created_at > %(first)s and n.created_at < %(last)s and n.status = 'created' and n.channel in ('sms', 'email')
    and n.timeline->0->>'what' is distinct from 'provisioned'
    and not exists (select from outbox o where o.notification_id = n.id and o.kind = 'deliver')
"""
_FIND_AGAIN = f"""
with found as (
    insert into outbox (kind, lane, service_id, notification_id, notification_created_at)
    select 'deliver', {BULK_LANE}, n.service_id, n.id, n.created_at {_LOST} order by n.created_at limit {_MOST_LOST}
    returning id
)
select count(*), pg_notify('outbox', '') from found
"""


class Silence:
    """Finds messages that wait for nothing any more."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def give_up(self, before: datetime) -> int:
        """Make sms and email temporary failures that were created before a moment and still wait for a receipt.

        Their services are told. It is done in small steps, each a commit of its own. Returns how many there were.
        """
        async with self._pool.connection() as connection:
            old = [there for there in await partitions(connection) if there.first < before]
            return sum([await _give_up_in(connection, there, before) for there in old])

    async def waiting(self, before: datetime) -> int:
        """Return how many messages `give_up` would end."""
        async with self._pool.connection() as connection:
            return await _number(connection, _COUNT_SILENT, [before])

    async def find_again(self, first: datetime, last: datetime) -> int:
        """Queue sms and email that were created between two moments, are not sent, and that nobody has in hand.

        One at a time: two at once would queue a message twice. Returns how many there were.
        """
        async with self._pool.connection() as connection:
            total = 0
            while found := await _find_some_again(connection, first, last):
                total += found
            return total

    async def lost(self, first: datetime, last: datetime) -> int:
        """Return how many messages `find_again` would queue."""
        async with self._pool.connection() as connection:
            return await _number(connection, f"select count(*) {_LOST}", {"first": first, "last": last})


async def _give_up_in(connection: Connection, partition: Partition, before: datetime) -> int:
    statement = sql.SQL(_GIVE_UP).format(partition=sql.Identifier(partition.name))
    total = 0
    for page in range(0, await pages_of(connection, partition.name), PAGES_AT_ONCE):
        places = {"first": f"({page},0)", "end": f"({page + PAGES_AT_ONCE},0)"}
        cursor = await connection.execute(statement, {"before": before, **places})
        row = await cursor.fetchone()
        total += row[0] if row else 0
    return total


async def _find_some_again(connection: Connection, first: datetime, last: datetime) -> int:
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('pillarbox lost'))")
        return await _number(connection, _FIND_AGAIN, {"first": first, "last": last})


async def _number(
    connection: Connection, query: str, parameters: list[datetime] | dict[str, datetime]
) -> int:
    cursor = await connection.execute(query, parameters)
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
