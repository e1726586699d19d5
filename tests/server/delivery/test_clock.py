"""Work by the clock: each task once at its time, however many clocks there are."""

import asyncio
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from pillarbox.delivery.chores import CHORES, make_days, take_over
from pillarbox.delivery.clock import Clock, Task

NIGHTLY = "0 3 * * *"
LONG = 30  # seconds, for machines with much else to do


class Diary:
    """Writes down what a task is called with."""

    def __init__(self):
        self.entries = []
        self.written = asyncio.Event()

    async def write(self, _store, now):
        self.entries.append(now)
        self.written.set()
        return {"written": 1}

    def task(self, cron=NIGHTLY, work=None):
        return Task("write", cron, work or self.write)


@pytest.fixture
def diary():
    return Diary()


@asynccontextmanager
async def running(*clocks):
    tasks = [asyncio.create_task(clock.run()) for clock in clocks]
    yield
    for clock in clocks:
        clock.stop()
    async with asyncio.timeout(LONG):
        await asyncio.gather(*tasks)


def clock(post, *tasks):
    return Clock(post.store, tasks, look_every=0.2)


async def until(condition):
    async with asyncio.timeout(LONG):
        while not await condition():  # noqa: ASYNC110 - it is the database that changes
            await asyncio.sleep(0.05)


async def no_job_is_left(post):
    return not await post.rows("select from procrastinate_jobs")


async def test_two_clocks_run_each_task_once_at_each_time(post, diary):
    """Every second, for some seconds: whoever runs it, no second comes twice."""
    task = diary.task("* * * * * *")

    async def five_were_written():
        return len(diary.entries) >= 5

    async with running(clock(post, task), clock(post, task)):
        await until(five_were_written)
    assert set(Counter(diary.entries).values()) == {1}


async def test_who_was_switched_off_at_night_does_the_night_s_work_once(post, diary):
    for _ in range(2):
        async with running(clock(post, diary.task()), clock(post, diary.task())):
            await asyncio.wait_for(diary.written.wait(), LONG)
            await until(lambda: no_job_is_left(post))
    (moment,) = diary.entries
    assert (moment.hour, moment.minute, moment.tzinfo) == (3, 0, UTC)
    assert timedelta(0) <= datetime.now(UTC) - moment < timedelta(days=1)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
async def test_the_machine_s_time_zone_changes_nothing(post, diary, zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        async with running(clock(post, diary.task())):
            await asyncio.wait_for(diary.written.wait(), LONG)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [(one.hour, one.minute) for one in diary.entries] == [(3, 0)]


async def test_a_task_that_fails_is_tried_again_and_the_log_quotes_nobody(post, diary, capfd):
    async def fail(_store, now):
        await diary.write(_store, now)
        raise ValueError("07700900123")

    async with running(clock(post, diary.task(work=fail))):
        await asyncio.wait_for(diary.written.wait(), LONG)
        job = "select attempts from procrastinate_jobs where task_name = 'write' and status = 'todo'"

        async def put_back():
            return await post.rows(job)

        await until(put_back)
    assert await post.rows(job) == [{"attempts": 1}]
    output = "".join(capfd.readouterr())
    assert "task failed" in output
    assert "07700900123" not in output


async def test_what_a_killed_worker_had_under_way_is_done_by_another(post, diary):
    async with running(clock(post, diary.task())):
        await asyncio.wait_for(diary.written.wait(), LONG)
        await until(lambda: no_job_is_left(post))
    await post.rows(
        "with dead as (insert into procrastinate_workers (last_heartbeat) values (now() - interval '5 minutes')"
        " returning id) insert into procrastinate_jobs (task_name, queue_name, args, status, attempts, worker_id)"
        " select 'write', 'clock', '{\"timestamp\": 1}', 'doing', 1, id from dead"
    )

    async def done_again():
        return len(diary.entries) == 2

    async with running(clock(post, diary.task())):
        await until(done_again)


async def test_a_time_to_come_counts_as_now(post, diary):
    """A machine whose clock is years ahead must not purge what is young."""
    ahead = int((datetime.now(UTC) + timedelta(days=400)).timestamp())
    await post.rows(
        "insert into procrastinate_jobs (task_name, queue_name, args)"
        " values ('write', 'clock', json_build_object('timestamp', %s::bigint))",
        ahead,
    )

    async def both():
        return len(diary.entries) == 2

    async with running(clock(post, diary.task())):
        await until(both)
    assert max(diary.entries) <= datetime.now(UTC) + timedelta(seconds=5)


async def test_clocks_go_on_after_the_database_was_away(post, diary, database_url):
    async with running(clock(post, diary.task("* * * * * *"))):
        await asyncio.wait_for(diary.written.wait(), LONG)
        with psycopg.connect(database_url, autocommit=True) as other:
            for _ in range(20):
                other.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
                await asyncio.sleep(0.05)
        before = len(diary.entries)

        async def went_on():
            return len(diary.entries) > before + 2

        await until(went_on)


async def test_long_work_is_broken_off_when_it_is_time_to_stop_and_done_again_later(post, diary):
    async def never_end(store, now):
        await diary.write(store, now)
        async with store.pool.connection() as connection:
            await connection.execute("select pg_sleep(600)")

    started = time.monotonic()
    async with running(clock(post, diary.task(work=never_end))):
        await asyncio.wait_for(diary.written.wait(), LONG)
        started = time.monotonic()
    assert time.monotonic() - started < 20
    assert await post.rows("select status::text from procrastinate_jobs where task_name = 'write'") == [
        {"status": "todo"}
    ]


async def test_receipts_that_an_earlier_version_left_in_the_outbox_are_applied(post, routes):
    identifier = await post.text(kind="test")
    await post.rows("delete from outbox")
    await post.rows("update notification set status = 'sending'")
    await post.rows(
        "insert into outbox (kind, service_id, notification_id, notification_created_at, payload, due)"
        " select 'receipt', service_id, id, created_at, '{\"status\": \"permanent-failure\"}', now() + due"
        " from notification, (values (interval '0'), (interval '1 hour')) later (due)"
    )
    assert await take_over(post.store, datetime.now(UTC)) == {"taken_over": 1}
    await post.work(routes)
    assert await post.status(identifier) == "permanent-failure"
    assert [row["kind"] for row in await post.outbox()] == ["receipt"]  # that one is not due


async def test_the_tables_of_the_next_days_are_made_in_time(post):
    now = datetime.now(UTC) + timedelta(days=10)
    await make_days(post.store, now)
    assert await make_days(post.store, now) == {"days_made": 0}
    assert await make_days(post.store, now + timedelta(days=1)) == {"days_made": 1}
    assert await make_days(post.store, now + timedelta(days=30)) == {"days_made": 5}


def test_all_chores_are_done_at_night_or_often(post):
    crons = {task.name: task.cron for task in CHORES}
    assert crons["give up"] == "5 0 * * *"
    assert crons["purge"] == "0 3 * * *"
    assert crons["find again"] == "*/15 * * * *"
