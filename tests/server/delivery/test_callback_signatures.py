"""Callbacks are signed as Standard Webhooks says, so that a service can tell ours from others', and new from old."""

import base64
import json
import time

import pytest

from notifications_python_client.callbacks import InvalidSignatureError, parse_callback, sign
from pillarbox.delivery.signing import signed_headers
from pillarbox.providers.base import Accepted
from tests.support.callback_endpoint import endpoint
from tests.support.delivering import TOKEN

SECRET = "whsec_" + base64.b64encode(TOKEN.encode()).decode()


@pytest.fixture
async def called():
    async with endpoint() as called:
        yield called


async def report(post, routes, status="delivered"):
    routes.sms.ways[0].provider.answers = [Accepted(receipt=status)]
    identifier = await post.text()
    await post.work(routes, rounds=2)
    return identifier


def test_signatures_are_those_that_the_client_makes():
    """And the client makes the one of the published example: see its own tests."""
    headers = signed_headers(TOKEN, "an-id", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == sign(SECRET, "an-id", 1614265330, b'{"test": 2432232314}')


async def test_the_client_accepts_a_callback_by_its_signature(post, routes, called):
    await post.call_back_at(called.url)
    identifier = await report(post, routes)
    await post.work(routes)
    (call,) = called.calls
    event = parse_callback(call.headers, call.body, bearer_token=TOKEN, signing_secret=SECRET)
    assert (event["kind"], event["id"]) == ("delivery-status", str(identifier))
    assert abs(int(call.headers["webhook-timestamp"]) - time.time()) < 60
    with pytest.raises(InvalidSignatureError):
        parse_callback(call.headers, call.body + b" ", signing_secret=SECRET)


async def test_the_id_stays_the_same_over_retries_and_the_signature_is_new(post, routes, called):
    await post.call_back_at(called.url)
    called.answers = [503, 503]
    await report(post, routes)
    for _ in range(3):
        await post.work(routes)
        await post.make_all_due()
    assert len(called.calls) == 3
    assert len({call.headers["webhook-id"] for call in called.calls}) == 1
    for call in called.calls:
        assert parse_callback(call.headers, call.body, signing_secret=SECRET)


async def test_each_message_has_an_id_of_its_own_without_full_stops(post, routes, called):
    await post.call_back_at(called.url)
    await report(post, routes)
    await report(post, routes, "temporary-failure")
    await post.work(routes, rounds=2)
    ids = {call.headers["webhook-id"] for call in called.calls}
    assert len(ids) == 2
    assert not any("." in one for one in ids)


async def test_the_body_that_is_signed_is_the_one_that_is_sent(post, routes, called):
    """Whatever people write, to the byte."""
    await post.call_back_at(called.url)
    routes.sms.ways[0].provider.answers = [Accepted(receipt="delivered")]
    await post.text(reference='ünïcode 🎉 \\ " / </script>')
    await post.work(routes, rounds=3)
    (call,) = called.calls
    assert parse_callback(call.headers, call.body, signing_secret=SECRET)
    assert json.loads(call.body)["reference"] == 'ünïcode 🎉 \\ " / </script>'
