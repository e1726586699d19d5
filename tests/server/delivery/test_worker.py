"""The worker's loop: it goes on whatever happens to one message, and forgets nothing that a provider said."""

import asyncio
from urllib.parse import urlsplit

import psycopg
import pytest
from structlog.testing import capture_logs

from pillarbox.providers.base import Accepted, Busy
from tests.support.delivering import ScriptedProvider, routes_to, until, working


class SlowProvider(ScriptedProvider):
    """Answers when it is told to."""

    def __init__(self):
        super().__init__()
        self.let_go = asyncio.Event()
        self.asked = asyncio.Event()

    async def submit(self, message):
        self.asked.set()
        await self.let_go.wait()
        return await super().submit(message)


def has(post, identifier, status):
    async def condition():
        return await post.status(identifier) == status

    return condition


async def test_what_is_due_is_delivered_and_reported(post, routes, provider):
    provider.answers = [Accepted(receipt="delivered")] * 30
    ids = [await post.text(name=str(number)) for number in range(30)]
    async with working(post, routes):
        for identifier in ids:
            await until(has(post, identifier, "delivered"))
    assert sorted(provider.ids) == sorted(ids)
    assert await post.outbox() == []


async def test_a_new_message_wakes_a_worker_that_sleeps(post, routes):
    async with working(post, routes):
        await asyncio.sleep(1.3)  # fast asleep, listening
        identifier = await post.text()
        await until(has(post, identifier, "sending"), within=0.6)


async def test_an_attempt_that_fails_on_our_side_stops_nobody_and_is_made_again(post, routes, provider):
    provider.answers = [RuntimeError("a bug of ours")]
    first, second = await post.text(name="first"), await post.text(name="second")
    async with working(post, routes, concurrency=1):
        await until(has(post, second, "sending"))
        await until(has(post, first, "sending"))
    assert sorted(provider.ids) == sorted([first, first, second])


async def test_an_email_whose_attempt_fails_on_our_side_is_tried_again_after_five_minutes(
    post, routes, provider
):
    provider.answers = [RuntimeError("a bug of ours")]
    identifier = await post.email()
    async with working(post, routes):
        await until(lambda: _waits(post))
    assert (await post.status(identifier), len(provider.messages)) == ("created", 1)


async def _waits(post):
    (row,) = await post.outbox()
    return row["due_in"] > 290


async def test_the_log_of_a_failed_attempt_says_where_but_not_who(post, routes, provider):
    provider.answers = [RuntimeError("no way to 07700900123")]
    identifier = await post.text("07700900123")
    with capture_logs() as logs:
        async with working(post, routes):
            await until(has(post, identifier, "sending"))
    said = str(logs)
    assert "attempt failed" in said
    assert "RuntimeError" in said
    assert "attempt.py:" in said
    assert "07700900123" not in said


async def test_an_attempt_that_always_fails_on_our_side_ends_as_a_technical_failure(post, routes, provider):
    provider.answers = [RuntimeError("a bug of ours")] * 100
    identifier = await post.text()
    await post.rows("update outbox set attempts = 48")
    async with working(post, routes):
        await until(has(post, identifier, "technical-failure"))
    assert len(provider.messages) == 1


async def test_no_more_than_so_many_attempts_are_under_way(post):
    slow = SlowProvider()
    for number in range(7):
        await post.text(name=str(number))
    async with routes_to(slow) as routes, working(post, routes, concurrency=3):
        await slow.asked.wait()
        await asyncio.sleep(0.2)
        waiting = [row for row in await post.outbox() if row["attempts"] == 1]
        assert len(waiting) == 3
        slow.let_go.set()
        await until(lambda: _empty(post))
    assert len(slow.messages) == 7


async def _empty(post):
    return not await post.outbox()


async def test_stopping_finishes_what_is_in_hand_and_claims_nothing_more(post):
    slow = SlowProvider()
    first = await post.text(name="first")
    async with routes_to(slow) as routes:
        async with working(post, routes) as worker:
            await slow.asked.wait()
            worker.stop()
            second = await post.text(name="second")
            await asyncio.sleep(0.2)
            slow.let_go.set()
        assert await post.status(first) == "sending"
        assert await post.status(second) == "created"
        assert slow.ids == [first]


async def test_a_slow_answer_is_still_settled_after_leases_were_renewed(post):
    slow = SlowProvider()
    identifier = await post.text()
    async with routes_to(slow) as routes, working(post, routes):
        await slow.asked.wait()
        await asyncio.sleep(3.5)
        (row,) = await post.outbox()
        assert row["due_in"] > 8
        slow.let_go.set()
        await until(has(post, identifier, "sending"))
    assert slow.ids == [identifier]


@pytest.fixture
def gate(databases, database_url):
    """Shuts everybody out of the database, or lets them in again."""
    name = urlsplit(database_url).path[1:]

    def shut(closed):
        with psycopg.connect(databases.url, autocommit=True) as connection:
            connection.execute(f'alter database "{name}" allow_connections {not closed}'.encode())
            if closed:
                connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
                )

    return shut


async def test_what_a_provider_answered_is_settled_once_the_database_is_back(post, gate):
    slow = SlowProvider()
    identifier = await post.text()
    async with routes_to(slow) as routes, working(post, routes):
        await slow.asked.wait()
        gate(True)
        slow.let_go.set()
        await asyncio.sleep(2)
        gate(False)
        await until(lambda: _settled(post, identifier), within=30)
    assert slow.ids == [identifier]


async def _settled(post, identifier):
    try:
        return await post.status(identifier) == "sending"
    except psycopg.OperationalError:
        return False


async def test_a_first_retry_of_a_text_is_made_at_once(post, routes, provider):
    provider.answers = [Busy("later")]
    identifier = await post.text()
    async with working(post, routes):
        await until(has(post, identifier, "sending"), within=1.5)
    assert provider.ids == [identifier, identifier]
