"""Days of the notification table: made ahead of time, dropped as wholes when their time is over."""

from datetime import UTC, date, datetime, timedelta

from psycopg import sql

from pillarbox.store.database import Connection

DAYS_AHEAD = 3

_EXISTING = """
select child.relname from pg_inherits
join pg_class child on child.oid = inhrelid
where inhparent = 'notification'::regclass
"""


async def ensure_days(connection: Connection, first: date, last: date) -> None:
    """Make the partitions of all days from `first` to `last` that are not there yet.

    They are made aside and attached then, so that nobody who reads or writes has to wait.
    """
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('pillarbox partitions'))")
        cursor = await connection.execute(_EXISTING)
        existing = {name for (name,) in await cursor.fetchall()}
        for day in _days(first, last):
            if _name(day) not in existing:
                await _make(connection, day)


async def ensure_days_ahead(connection: Connection) -> None:
    """Make the partitions for today and the next days (and yesterday, for clocks that lag)."""
    today = datetime.now(UTC).date()
    await ensure_days(connection, today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD))


async def _make(connection: Connection, day: date) -> None:
    name = sql.Identifier(_name(day))
    await connection.execute(
        sql.SQL("create table {} (like notification including all) with (fillfactor = 80)").format(name)
    )
    await connection.execute(
        sql.SQL("alter table notification attach partition {} for values from ({}) to ({})").format(
            name, _midnight(day), _midnight(day + timedelta(days=1))
        )
    )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _name(day: date) -> str:
    return f"notification_{day:%Y%m%d}"


def _midnight(day: date) -> sql.Literal:
    return sql.Literal(datetime(day.year, day.month, day.day, tzinfo=UTC))
