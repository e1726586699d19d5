"""Services are told of final statuses, exactly as the contract says (section 8)."""

import asyncio
import json
from datetime import UTC

import pytest

from pillarbox.delivery.callbacks import Callback
from pillarbox.providers.base import Accepted
from tests.support.callback_endpoint import endpoint
from tests.support.delivering import TOKEN

FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


@pytest.fixture
async def called():
    async with endpoint() as called:
        yield called


def as_shown(moment):
    return moment and moment.astimezone(UTC).strftime(FORM)


async def report(post, routes, status="delivered", channel="sms"):
    """Send a message and have it reported; return its id."""
    routes.sms.ways[0].provider.answers = [Accepted(receipt=status)]
    identifier = await (post.text() if channel == "sms" else post.email())
    await post.work(routes)
    return identifier


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_the_body_is_the_contract_s_to_the_byte(post, routes, called, channel):
    await post.call_back_at(called.url)
    identifier = await report(post, routes, channel=channel)
    row = await post.notification(identifier)
    await post.work(routes)
    (call,) = called.calls
    expected = {
        "id": str(identifier),
        "reference": "ours" if channel == "sms" else None,
        "to": row["recipient"],
        "status": "delivered",
        "created_at": as_shown(row["created_at"]),
        "completed_at": as_shown(row["updated_at"]),
        "sent_at": as_shown(row["sent_at"]),
        "notification_type": channel,
        "template_id": post.service.templates[channel],
        "template_version": 1,
    }
    assert call.body == json.dumps(expected).encode()
    assert (call.method, call.path) == ("POST", "/called")
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["Authorization"] == f"Bearer {TOKEN}"
    assert await post.outbox() == []


@pytest.mark.parametrize(
    "status", ["delivered", "temporary-failure", "permanent-failure", "technical-failure"]
)
async def test_every_final_status_is_told_once(post, routes, called, status):
    await post.call_back_at(called.url)
    await report(post, routes, status)
    await post.work(routes, rounds=3)
    assert [json.loads(call.body)["status"] for call in called.calls] == [status]


async def test_what_is_not_final_or_changes_nothing_is_not_told(post, routes, called):
    await post.call_back_at(called.url)
    identifier = await report(post, routes, "pending")
    await post.work(routes, rounds=2)
    assert called.calls == []
    await post.receipt(identifier, "delivered")
    await post.receipt(identifier, "delivered")
    await post.work(routes, rounds=3)
    assert len(called.calls) == 1


async def test_test_keys_are_called_back_too_and_letters_are_not(post, routes, called):
    await post.call_back_at(called.url)
    identifier = await post.text("07700900003", kind="test")
    await post.letter("test")
    await post.work(routes, rounds=3)
    (call,) = called.calls
    assert (json.loads(call.body)["id"], json.loads(call.body)["status"]) == (
        str(identifier),
        "temporary-failure",
    )


async def test_a_service_without_a_url_is_not_called(post, routes, called):
    await report(post, routes)
    assert await post.outbox() == []


async def test_url_and_token_are_those_of_the_moment_of_the_change(post, routes, called):
    await post.call_back_at(called.url, "the-first-token")
    called.answers = [503]
    await report(post, routes)
    await post.call_back_at(f"{called.base}/elsewhere", "another-token")
    await post.work(routes)
    await post.make_all_due()
    await post.work(routes)
    assert [(call.path, call.headers["Authorization"]) for call in called.calls] == [
        ("/called", "Bearer the-first-token")
    ] * 2


async def test_the_stored_token_cannot_be_read_without_the_key(post, routes, called):
    await post.call_back_at(called.url)
    await report(post, routes)
    (row,) = await post.outbox("callback")
    assert TOKEN not in json.dumps(row, default=str)


@pytest.mark.parametrize("answer", [429, 500, 502, 503, 599])
async def test_trouble_that_may_pass_is_tried_again_five_times_five_minutes_apart(
    post, routes, called, answer
):
    await post.call_back_at(called.url)
    called.answers = [answer] * 10
    await report(post, routes)
    for _ in range(5):
        await post.work(routes)
        (row,) = await post.outbox("callback")
        assert 298 < row["due_in"] <= 300
        await post.make_all_due()
    await post.work(routes)
    assert len(called.calls) == 6
    assert await post.outbox() == []


@pytest.mark.parametrize("answer", [400, 401, 403, 404, 410, 422, 451])
async def test_other_refusals_are_not_tried_again(post, routes, called, answer):
    await post.call_back_at(called.url)
    called.answers = [answer]
    await report(post, routes)
    await post.work(routes)
    assert (len(called.calls), await post.outbox()) == (1, [])


@pytest.mark.parametrize("answer", [200, 201, 204, 304, 399])
async def test_anything_below_400_is_fine(post, routes, called, answer):
    await post.call_back_at(called.url)
    called.answers = [answer]
    await report(post, routes)
    await post.work(routes)
    assert (len(called.calls), await post.outbox()) == (1, [])


async def test_an_endpoint_that_nobody_listens_at_is_tried_again(post, routes):
    await post.call_back_at("http://127.0.0.1:9/called")
    await report(post, routes)
    await post.work(routes)
    assert [row["kind"] for row in await post.outbox()] == ["callback"]


async def test_a_call_that_takes_longer_than_five_seconds_is_tried_again(post, routes, called):
    called.seconds = 5.6
    await post.call_back_at(called.url)
    await report(post, routes)
    await post.work(routes)
    assert [row["kind"] for row in await post.outbox()] == ["callback"]


async def test_redirects_in_a_circle_end(post, routes, called):
    called.moved_to = "/to/there"
    await post.call_back_at(f"{called.base}/to/there")
    await report(post, routes)
    await post.work(routes)
    assert len(called.calls) <= 11


async def test_a_token_sealed_with_another_key_ends_the_call(post, routes, called):
    await post.call_back_at(called.url)
    await post.rows("update callback set bearer_token = '\\x00112233445566778899aabbccddeeff0011223344'")
    await report(post, routes)
    await post.work(routes)
    assert (called.calls, await post.outbox()) == ([], [])


async def test_a_hundred_slow_calls_to_one_host_delay_no_call_to_another(post, routes, called):
    called.seconds = 4
    async with endpoint() as quick:
        slow = [asyncio.create_task(routes.callbacks.call(callback(post, called.url))) for _ in range(100)]
        await called.until(100)
        outcome = await routes.callbacks.call(callback(post, quick.url))
        assert (outcome.verdict, [task.done() for task in slow]) == ("done", [False] * 100)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)


def callback(post, url):
    return Callback(url, post.store.seal.close(TOKEN), b"{}", "an-id")
