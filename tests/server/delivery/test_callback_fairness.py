"""A slow endpoint delays the calls of its own service and nobody else's."""

import json
from contextlib import asynccontextmanager

import pytest

from pillarbox.delivery.worker import CALLS_OF_A_SERVICE
from tests.support.api import provisioned
from tests.support.callback_endpoint import endpoint
from tests.support.delivering import delivering, working
from tests.support.factories import MadeService, document

SLOW, QUICK = MadeService("slow"), MadeService("quick")
HANGS = 5.0


@pytest.fixture
def database_url(databases):
    with provisioned(databases, document(SLOW, QUICK)) as url:
        yield url


@asynccontextmanager
async def told_at(url, service, called):
    """A service that is told at an endpoint."""
    async with delivering(url, service) as post:
        await post.call_back_at(called.url)
        yield post


async def tell(post, count):
    """Queue so many callbacks, as deliveries would."""
    await post.rows(
        "insert into outbox (kind, service_id, notification_id, notification_created_at, payload)"
        " select 'callback', c.service_id, gen_random_uuid(), now(), json_build_object("
        "  'url', c.url, 'token', translate(encode(c.bearer_token, 'base64'), E'\\n', ''),"
        "  'body', json_build_object('id', n, 'status', 'delivered', 'notification_type', 'sms'))"
        " from callback c, generate_series(1, %s) n where c.service_id = %s",
        count,
        post.service.id,
    )


async def test_five_hundred_calls_that_hang_delay_no_other_service_s(database_url, routes):
    async with (
        endpoint() as slow,
        endpoint() as quick,
        told_at(database_url, SLOW, slow) as ours,
        told_at(database_url, QUICK, quick) as theirs,
    ):
        slow.seconds = HANGS
        await tell(ours, 500)
        async with working(ours, routes):
            await slow.until(CALLS_OF_A_SERVICE)
            await tell(theirs, 1)
            await quick.until(1)
            # However slow this machine is: the other service was not behind in the queue.
            assert len(slow.calls) <= 2 * CALLS_OF_A_SERVICE
            await tell(theirs, 200)
            await quick.until(201)
            assert len(slow.calls) < 200
    ids = [json.loads(call.body)["id"] for call in quick.calls]
    assert sorted(ids) == sorted([1, *range(1, 201)])


async def test_a_service_has_no_more_than_its_share_under_way(database_url, routes):
    async with endpoint() as slow, told_at(database_url, SLOW, slow) as ours:
        slow.seconds = 1.0
        await tell(ours, 40)
        async with working(ours, routes):
            await slow.until(40)
        assert slow.most_at_once <= 2 * CALLS_OF_A_SERVICE


async def test_a_quick_endpoint_is_called_more_often_at_once(database_url, routes):
    async with endpoint() as quick, told_at(database_url, QUICK, quick) as ours:
        quick.seconds = 0.2
        await tell(ours, 300)
        async with working(ours, routes):
            await quick.until(300)
        assert 2 * CALLS_OF_A_SERVICE < quick.most_at_once < 50


async def test_a_quick_endpoint_that_turns_slow_delays_nobody_either(database_url, routes):
    async with (
        endpoint() as turning,
        endpoint() as quick,
        told_at(database_url, SLOW, turning) as ours,
        told_at(database_url, QUICK, quick) as theirs,
    ):
        await tell(ours, 400)
        async with working(ours, routes):
            await turning.until(100)
            turning.seconds, before = HANGS, len(turning.calls)
            await tell(theirs, 1)
            await quick.until(1)
            assert len(turning.calls) - before < 100
