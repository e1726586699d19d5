"""Days of the notification table: made ahead of time, dropped as wholes when their time is over.

A partition is a day of London, since that is how retention counts. Installations that were made before this was so have
days of UTC; what follows on them fits their edges.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
from psycopg import sql
from psycopg.rows import args_row

from pillarbox.messages.london import midnight, to_london
from pillarbox.store.database import Connection

DAYS_AHEAD = 3


class Partition(msgspec.Struct, frozen=True):
    """A part of the notification table: messages created from `first` on and before `end`.

    `leaving` says that the notification table began to let go of it, and whoever did that was stopped.
    """

    name: str
    first: datetime
    end: datetime
    leaving: bool


_BOUNDS = r"FROM \('([^']+)'\) TO \('([^']+)'\)"
_ATTACHED = rf"""
select child.relname, (regexp_match(bounds, $re${_BOUNDS}$re$))[1]::timestamptz,
    (regexp_match(bounds, $re${_BOUNDS}$re$))[2]::timestamptz, inhdetachpending
from pg_inherits
join pg_class child on child.oid = inhrelid
cross join lateral pg_get_expr(child.relpartbound, child.oid) as bounds
where inhparent = 'notification'::regclass
order by 2
"""


async def partitions(connection: Connection) -> list[Partition]:
    """Return all parts of the notification table, oldest first."""
    async with connection.cursor(row_factory=args_row(Partition)) as cursor:
        await cursor.execute(_ATTACHED)
        return await cursor.fetchall()


async def pages_of(connection: Connection, table: str) -> int:
    """Return how many pages a table has on disk."""
    cursor = await connection.execute(
        "select pg_relation_size(to_regclass(%s)) / current_setting('block_size')::integer", [table]
    )
    row = await cursor.fetchone()
    return row[0] if row and row[0] else 0


async def ensure_days(connection: Connection, first: date, last: date) -> int:
    """Make the partitions of all days of London from `first` to `last` that are not there yet.

    They are made aside and attached then, so that nobody who reads or writes has to wait. Returns how many were made.
    """
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('pillarbox partitions'))")
        taken = [(there.first, there.end) for there in await partitions(connection)]
        missing = list(uncovered(taken, first, last))
        for begin, end in missing:
            await _make(connection, begin, end)
    return len(missing)


async def ensure_days_ahead(connection: Connection, now: datetime | None = None) -> int:
    """Make the partitions of yesterday (for clocks that lag), today and the next days; return how many were made."""
    today = to_london(now or datetime.now(UTC)).date()
    return await ensure_days(connection, today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD))


def uncovered(
    taken: Sequence[tuple[datetime, datetime]], first: date, last: date
) -> Iterator[tuple[datetime, datetime]]:
    """Give the stretches within the days from `first` to `last` that none of those taken covers, day by day.

    Args:
        taken: beginnings and ends, in order, none of which overlap.
        first: a day of London.
        last: another one; it is the last.
    """
    for number in range((last - first).days + 1):
        begin, end = midnight(first + timedelta(days=number)), midnight(first + timedelta(days=number + 1))
        for other_begin, other_end in taken:
            if other_begin < end and begin < other_end:
                if begin < other_begin:
                    yield begin, other_begin
                begin = other_end
        if begin < end:
            yield begin, end


async def _make(connection: Connection, begin: datetime, end: datetime) -> None:
    """Every message is written again when it is handed over: room for that beside it spares the indexes."""
    name = sql.Identifier(_name(begin, end))
    await connection.execute(
        sql.SQL("create table {} (like notification including all) with (fillfactor = 50)").format(name)
    )
    await connection.execute(
        sql.SQL("alter table notification attach partition {} for values from ({}) to ({})").format(
            name, sql.Literal(begin), sql.Literal(end)
        )
    )


def _name(begin: datetime, end: datetime) -> str:
    """The day; what is only a piece of one also has its hours."""
    from_clock, to_clock = to_london(begin), to_london(end)
    if from_clock.hour == to_clock.hour == 0:
        return f"notification_{from_clock:%Y%m%d}"
    return f"notification_{from_clock:%Y%m%d_%H%M}_{to_clock:%H%M}"
