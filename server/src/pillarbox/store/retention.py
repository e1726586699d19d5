"""Lets go of messages whose time is over: a day as a whole where nobody keeps any of it, else row by row.

What is left of them are numbers by day (`archived_day`), and which emails have a link to unsubscribe that is still good
(`archived_email`). Test messages leave nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import msgspec
from psycopg import sql

from pillarbox.messages.retention import UNFINISHED_LETTERS, Keeping, keeping
from pillarbox.store.archive import ARCHIVE_GONE
from pillarbox.store.database import Connection, Pool
from pillarbox.store.partitions import Partition, pages_of

PAGES_AT_ONCE: Final = 256  # some thousand rows: a fraction of a second

_OTHERWISE = """
otherwise as (
    select * from json_to_recordset(%(otherwise)s::json) as o(service_id uuid, channel text, since timestamptz)
)"""
_ROWS = (
    "{table} n left join otherwise on otherwise.service_id = n.service_id and otherwise.channel = {channel}"
)
_OLD = "n.created_at < coalesce(otherwise.since, %(since)s)"
_OVER = f"{_OLD} and (n.channel <> 'letter' or n.status <> all(%(unfinished)s))"
_KEEPS_ANY = f"with {_OTHERWISE} select exists(select from {_ROWS} where not ({_OVER}))"
_COUNT = f"with {_OTHERWISE} select count(*) from {_ROWS} where {_OVER}"
_ON_SOME_PAGES = "n.ctid >= %(first)s::tid and n.ctid < %(end)s::tid"

# A row that somebody changes at this moment stays until the next night.
_SWEEP = f"""
with {_OTHERWISE}, over as (
    select n.ctid as place from {_ROWS} where {_ON_SOME_PAGES} and {_OVER}
    for update of n skip locked
), gone as (
    delete from {{table}} n using over where n.ctid = over.place returning n.*
), {ARCHIVE_GONE}
select count(*) from gone
"""
_FORGET = f"""
with {_OTHERWISE}, over as (
    select n.ctid as place from {_ROWS} where {_ON_SOME_PAGES} and {_OLD}
    for update of n skip locked
), gone as (
    delete from {{table}} n using over where n.ctid = over.place returning 1
)
select count(*) from gone
"""
# Other tables that are kept as long as messages are, and the channel whose days count for them.
_LIKEWISE = {"received_text": sql.SQL("'sms'"), "callback_attempt": sql.SQL("n.channel")}
_MESSAGES = sql.SQL("n.channel")


class Retention:
    """What is over in the tables of messages, and its end."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keeping(self, now: datetime) -> Keeping:
        """Return what the services keep now."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "select id, retention_days from service where retention_days <> '{}'"
            )
            return keeping(now, await cursor.fetchall())

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Connection | None]:
        """Give a connection for purging; None while somebody else purges."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("select pg_try_advisory_lock(hashtext('pillarbox retention'))")
            row = await cursor.fetchone()
            if not row or not row[0]:
                yield None
                return
            try:
                yield connection
            finally:
                await connection.execute("select pg_advisory_unlock(hashtext('pillarbox retention'))")


async def keeps_any(connection: Connection, partition: Partition, kept: Keeping) -> bool:
    """Whether anything in a part of the notification table is still to be kept."""
    return bool(await _value(connection, _KEEPS_ANY, partition.name, _MESSAGES, _parameters(kept)))


async def count_over(connection: Connection, partition: Partition, kept: Keeping) -> int:
    """Return how many messages of a part are over."""
    return await _value(connection, _COUNT, partition.name, _MESSAGES, _parameters(kept))


async def sweep(connection: Connection, partition: Partition, kept: Keeping) -> int:
    """Archive and delete the messages of a part that are over, in small steps; return how many there were."""
    return await _walk(connection, _SWEEP, partition.name, _MESSAGES, kept)


async def forget_likewise(connection: Connection, kept: Keeping) -> int:
    """Delete received texts and the record of callbacks that are over; return how many rows there were."""
    total = 0
    for table, channel in _LIKEWISE.items():
        total += await _walk(connection, _FORGET, table, channel, kept)
    return total


async def _walk(connection: Connection, statement: str, table: str, channel: sql.SQL, kept: Keeping) -> int:
    """Do something to all rows of a table, some pages at a time, each in a commit of its own."""
    total = 0
    for page in range(0, await pages_of(connection, table), PAGES_AT_ONCE):
        places = {"first": f"({page},0)", "end": f"({page + PAGES_AT_ONCE},0)"}
        total += await _value(connection, statement, table, channel, _parameters(kept) | places)
    return total


def _parameters(kept: Keeping) -> dict[str, object]:
    return {
        "since": kept.since,
        "otherwise": msgspec.json.encode(kept.otherwise).decode(),
        "unfinished": list(UNFINISHED_LETTERS),
    }


async def _value(
    connection: Connection, statement: str, table: str, channel: sql.SQL, parameters: dict[str, object]
) -> int:
    composed = sql.SQL(statement).format(table=sql.Identifier(table), channel=channel)
    cursor = await connection.execute(composed, parameters)
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
