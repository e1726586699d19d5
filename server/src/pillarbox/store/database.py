"""Connections to PostgreSQL: one pool for each process."""

import select
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection, OperationalError
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

Connection = AsyncConnection[TupleRow]


class _Stack(deque[Connection]):
    """Connections of which the one that came last goes first."""

    append = deque.appendleft


class Pool(AsyncConnectionPool[Connection]):
    """Lends out the connection that was used last.

    Its process in the database has everything at hand still. The library's own pool lends out the one that has rested
    longest, which let a seventh fewer messages through (docs/explanation/performance.md).
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._pool = _Stack()


# Times are in UTC whatever the server's own zone is. Every statement of ours finds its rows by an index, also in tables
# of which the planner knows nothing yet, such as the partition of a day that has just begun: without these words it
# would read all of it. For the same reason a plan is made once for each prepared statement: making one can take longer
# than what it is for. Compiling such plans never pays.
_SESSION = """
set timezone to 'UTC';
set enable_seqscan to off; set enable_hashjoin to off; set enable_mergejoin to off;
set plan_cache_mode to force_generic_plan; set jit to off
"""


async def open_pool(url: str, size: int = 8) -> Pool:
    """Open a pool of up to `size` connections, each statement of which commits by itself.

    Raises:
        psycopg_pool.PoolTimeout: if the database does not answer within 30 s.
    """
    pool = Pool(
        url,
        min_size=min(2, size),
        max_size=size,
        open=False,
        timeout=10,
        configure=_configure,
        check=_check,
        kwargs={"autocommit": True},
    )
    await pool.open(wait=True, timeout=30)
    return pool


async def clock_of(pool: Pool) -> datetime:
    """Return what time it is for the database, which wrote the rows: machines may be wrong about it."""
    async with pool.connection() as connection:
        cursor = await connection.execute("select clock_timestamp()")
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - a select without a table has a row
    moment: datetime = row[0]
    return moment


async def execute_twice(pool: Pool, statement: str, parameters: Mapping[str, object]) -> list[TupleRow]:
    """Execute a statement, once more if the connection was lost; return its rows.

    For statements that may have been committed the first time: they leave as it is what is there already.

    Raises:
        psycopg.Error, psycopg_pool.PoolTimeout: if it fails, or the database is away.
    """
    try:
        return await _execute(pool, statement, parameters)
    except (OperationalError, PoolTimeout):
        await pool.check()  # a database that was restarted has cut the others, too
    return await _execute(pool, statement, parameters)


async def _execute(pool: Pool, statement: str, parameters: Mapping[str, object]) -> list[TupleRow]:
    async with pool.connection() as connection:
        cursor = await connection.execute(statement, parameters)
        return await cursor.fetchall()


async def _check(connection: Connection) -> None:
    """Notice a connection that a restarted database has cut, before anybody's statement fails on it.

    A server says nothing to an idle connection but that it is over: only if there is something to read is it asked.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        await Pool.check_connection(connection)


async def _configure(connection: Connection) -> None:
    await connection.execute(_SESSION)
    set_json_loads(msgspec.json.decode, connection)
