"""Statements on the outbox are planned once, mostly while it is empty: what they read must not grow with what waits."""

import uuid
from collections.abc import AsyncIterator

import pytest

from pillarbox.store.database import Pool, open_pool
from pillarbox.store.outbox import Outbox, Settlement
from pillarbox.store.partitions import ensure_days_ahead

_WAITING = 3000
_PREPARED_AFTER = 7  # executions; psycopg prepares what it is asked more often


@pytest.fixture
async def pool(url) -> AsyncIterator[Pool]:
    """One connection to a database whose outbox is empty, and known to be."""
    pool = await open_pool(url, size=1)
    async with pool.connection() as connection:
        await ensure_days_ahead(connection)
        await connection.execute(
            "insert into outbox (kind, service_id) values ('deliver', gen_random_uuid())"
        )
        await connection.execute("delete from outbox")
        await connection.execute("reindex table outbox")
        await connection.execute("vacuum (analyze) outbox")
    yield pool
    await pool.close()


async def entries_read(pool: Pool) -> int:
    """How many entries of the outbox's indexes have been read so far."""
    async with pool.connection() as connection:
        await connection.execute("select pg_stat_force_next_flush()")
        cursor = await connection.execute(
            "select sum(idx_tup_read)::bigint from pg_stat_user_indexes where relname = 'outbox'"
        )
        ((read,),) = await cursor.fetchall()
    return int(read)


def settlement(claim_id: int = 0, again_in: float | None = None) -> Settlement:
    return Settlement(claim_id, 1, None, None, again_in=again_in)


async def test_a_claim_and_its_settlement_read_no_more_for_what_else_waits(pool) -> None:
    outbox = Outbox(pool)
    for _ in range(_PREPARED_AFTER):
        assert await outbox.claim_calls(10) == []
        await outbox.settle([settlement()])
    async with pool.connection() as connection:
        await connection.execute(
            "insert into outbox (kind, service_id, payload) select 'callback', %s, '{}' from generate_series(1, %s)",
            [uuid.uuid4(), _WAITING],
        )
    before = await entries_read(pool)
    claims = await outbox.claim_calls(10)
    await outbox.settle([settlement(one.id, again_in=60.0 if one is claims[0] else None) for one in claims])
    await outbox.renew(claims)
    assert len(claims) == 10
    assert await entries_read(pool) - before < 200
