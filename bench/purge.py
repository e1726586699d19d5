"""`make bench-purge`: of a million notifications over ten days, three days leave while texts come in.

The purge is the one that workers do at night, in a process of its own. A few connections send texts all the while: the
longest that any of them waited for its 201 stands beside the longest in as much time without a purge.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection

import psycopg

from bench.accept import texts
from bench.figures import figure
from bench.load import Result, run
from bench.product import SERVICE_ID, SMS_TEMPLATE_ID, database, running
from pillarbox.actions.purge import purge
from pillarbox.messages.london import midnight, to_london
from pillarbox.store.database import open_pool
from pillarbox.store.partitions import ensure_days
from pillarbox.store.sealing import Seal
from pillarbox.store.store import Store

MESSAGES, DAYS, KEPT = 1_000_000, 10, 7
SECONDS, BEFORE = 8.0, 1.0
CONNECTIONS = 8
PORT = 16025

_FILL = """
insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version, recipient,
    personalisation, reference, status, billable_units, provider, sent_at, updated_at, timeline)
select gen_random_uuid(), at, %(service)s, 'sms', case when n %% 10 = 0 then 'test' else 'normal' end, %(template)s, 1,
    '4477009' || lpad((n %% 100000)::text, 5, '0'), '{"name": "Jo", "thing": "passport", "date": "3 June"}', 'r' || n,
    case when n %% 20 = 0 then 'permanent-failure' else 'delivered' end, 1, 'somebody', at, at,
    '[{"at": "2026-01-01T00:00:00.000000Z", "what": "attempt", "provider": "somebody", "answer": "accepted"}]'
from generate_series(0, %(count)s - 1) n,
    lateral (select %(begin)s::timestamptz + n * interval '1 day' / %(count)s) as t(at)
"""


# The oldest message that is left.
_LETTER = """
update notification set channel = 'letter', status = 'created'
where (id, created_at) = (select id, created_at from notification order by created_at limit 1)
"""


async def fill(url: str, now: datetime) -> None:
    """So many messages over the ten days before today."""
    today = to_london(now).date()
    days = [today - timedelta(days=ago) for ago in range(DAYS, 0, -1)]
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await ensure_days(connection, days[0], today)
        for day in days:
            values = {
                "service": SERVICE_ID,
                "template": SMS_TEMPLATE_ID,
                "count": MESSAGES // DAYS,
                "begin": midnight(day),
            }
            await connection.execute(_FILL, values)
        await connection.execute("vacuum analyze notification")


def purge_when_told(url: str, told: Connection) -> None:
    """Purge once the pipe says so; send back how long it took and what was done."""

    async def main() -> None:
        pool = await open_pool(url)
        told.recv()
        started = time.perf_counter()
        done = await purge(Store.over(pool, Seal(b"k" * 32)), datetime.now(UTC))
        told.send((time.perf_counter() - started, done))
        await pool.close()

    asyncio.run(main())


def load() -> Result:
    result = run(PORT, texts(), CONNECTIONS, SECONDS)
    if set(result.statuses) != {201}:
        raise SystemExit(f"not every answer was a 201: {result.statuses}")
    return result


def measure(url: str) -> tuple[Result, Result, float, dict[str, int]]:
    """How texts were accepted without a purge and with one, and how long that took."""
    ours, theirs = Pipe()
    process = Process(target=purge_when_told, args=(url, theirs), daemon=True)
    process.start()
    alone = load()
    starter = Process(target=_start_later, args=(ours,))
    starter.start()
    beside = load()
    starter.join()
    if not ours.poll(60):
        raise SystemExit("the purge did not end")
    seconds, done = ours.recv()
    process.join(10)
    return alone, beside, seconds, done


async def row_by_row(url: str) -> float:
    """Rows a second of a day that leaves but for one letter, which is still to be printed."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    pool = await open_pool(url)
    async with pool.connection() as connection:
        await connection.execute(_LETTER)
    started = time.perf_counter()
    done = await purge(Store.over(pool, Seal(b"k" * 32)), tomorrow)
    seconds = time.perf_counter() - started
    await pool.close()
    if done["days"] or done["messages"] != MESSAGES // DAYS - 1:
        raise SystemExit(f"not what was to be purged: {done}")
    return done["messages"] / seconds


def _start_later(purger: Connection) -> None:
    time.sleep(BEFORE)
    purger.send("now")


def main() -> None:
    print(f"{os.cpu_count()} cores, shared by load generator, API, purge and PostgreSQL (durable commits)")
    with (
        database() as (url, folder),
        running(["pillarbox", "serve", "--port", str(PORT)], url, folder, PORT),
    ):
        started = time.perf_counter()
        asyncio.run(fill(url, datetime.now(UTC)))
        print(f"{MESSAGES:,} notifications over {DAYS} days: filled in {time.perf_counter() - started:.0f} s")
        alone, beside, seconds, done = measure(url)
        rows = asyncio.run(row_by_row(url))
    print(f"purged {done['messages']:,} messages in {done['days']} days")
    print(f"accepted {alone.rate:,.0f}/s without, {beside.rate:,.0f}/s with the purge in their midst")
    if (done["days"], done["messages"]) != (DAYS - KEPT, MESSAGES // DAYS * (DAYS - KEPT)):
        sys.exit(f"not what was to be purged: {done}")
    figure("purge", seconds, "s")
    figure("purge_row_by_row", rows, "1/s")
    figure("longest_accept_during_purge", max(beside.latencies) * 1000, "ms", max(alone.latencies) * 1000)
    figure("accept_p99_during_purge", beside.percentile(99), "ms", alone.percentile(99))


if __name__ == "__main__":
    main()
