"""Days of the notification table that leave as a whole, without anybody having to wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from psycopg import errors, sql

from pillarbox.store.archive import ARCHIVE_GONE
from pillarbox.store.database import Connection

log = structlog.get_logger()

_LOCK_TIMEOUT: Final = "2s"
_PAUSE = 0.5

# null: nobody knows of it any more.
_STATE = """
select case when i.inhdetachpending then 'leaving' when i.inhrelid is not null then 'attached' else 'apart' end
from pg_class c left join pg_inherits i on i.inhrelid = c.oid
where c.oid = to_regclass(%s)
"""
_BEGIN = "alter table notification detach partition {} concurrently"
_GO_ON = "alter table notification detach partition {} finalize"
# Whoever let go of these was stopped before dropping them.
_APART = r"""
select c.relname from pg_class c
join pg_class parent on parent.oid = 'notification'::regclass and parent.relnamespace = c.relnamespace
where c.relkind = 'r' and not c.relispartition and c.relname ~ '^notification_\d{8}(_\d{4}_\d{4})?$'
order by 1
"""
_ARCHIVE = f"with gone as (select * from {{}}), {ARCHIVE_GONE} select count(*) from gone"


async def drop(connection: Connection, name: str, tries: int) -> int | None:
    """Archive a part of the notification table and drop it.

    Messages are accepted and delivered all the while: the table lets go of the part without locking others out, which
    takes until those have finished who began before.

    Args:
        connection: with no transaction open.
        name: of the part.
        tries: of two seconds each.

    Returns:
        How many messages it had; None if somebody holds on to it for so long that it must wait for the next time.
    """
    async with _impatient(connection):
        for _ in range(tries):
            try:
                return await _drop_now(connection, name)
            except errors.LockNotAvailable:
                await asyncio.sleep(_PAUSE)
    log.warning("day cannot leave", partition=name)
    return None


async def left_behind(connection: Connection) -> list[str]:
    """Return the parts that the notification table let go of but that nobody dropped."""
    cursor = await connection.execute(_APART)
    return [name for (name,) in await cursor.fetchall()]


async def _drop_now(connection: Connection, name: str) -> int:
    """Go on from wherever an earlier try was broken off."""
    state = await _state(connection, name)
    if state in ("attached", "leaving"):
        statement = _BEGIN if state == "attached" else _GO_ON
        await connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
    async with connection.transaction():
        cursor = await connection.execute(sql.SQL(_ARCHIVE).format(sql.Identifier(name)))
        row = await cursor.fetchone()
        await connection.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))
    return row[0] if row else 0


async def _state(connection: Connection, name: str) -> str | None:
    cursor = await connection.execute(_STATE, [name])
    row = await cursor.fetchone()
    return row[0] if row else None


@asynccontextmanager
async def _impatient(connection: Connection) -> AsyncIterator[None]:
    """Rather try again than stand in the way of those who queue up behind."""
    await connection.execute(sql.SQL("set lock_timeout = {}").format(_LOCK_TIMEOUT))
    try:
        yield
    finally:
        await connection.execute("reset lock_timeout")
