"""Redirects are followed as far as they may, and a callback stays one."""

from contextlib import asynccontextmanager

import pytest

from pillarbox.delivery.callbacks import Callback, CallbackCaller
from pillarbox.store.sealing import Seal
from tests.support.callback_endpoint import endpoint

SEAL = Seal(b"s" * 32)
TOKEN = "a-bearer-token"
SECRETS = ("Authorization", "webhook-signature", "webhook-id", "webhook-timestamp")


def callback(url):
    return Callback(url, SEAL.close(TOKEN), b'{"status": "delivered"}', "an-id")


@asynccontextmanager
async def calling(*, plain_http=True):
    caller = CallbackCaller(SEAL, private_addresses=True, plain_http=plain_http)
    try:
        yield caller
    finally:
        await caller.close()


@pytest.fixture
async def caller():
    async with calling() as caller:
        yield caller


@pytest.fixture
async def called():
    async with endpoint() as called:
        yield called


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_followed_with_method_body_and_headers(caller, called, status):
    called.moved_to, called.moved_with = "/called", status
    outcome = await caller.call(callback(f"{called.base}/to/there"))
    first, second = called.calls
    assert (second.path, second.method, second.body) == ("/called", "POST", first.body)
    assert [second.headers[name] for name in SECRETS] == [first.headers[name] for name in SECRETS]
    assert outcome.verdict == "done"


async def test_see_other_says_that_the_callback_was_taken(caller, called):
    called.moved_to, called.moved_with = "/called", 303
    outcome = await caller.call(callback(f"{called.base}/to/there"))
    assert [(call.method, call.body) for call in called.calls] == [
        ("POST", b'{"status": "delivered"}'),
        ("GET", b""),
    ]
    assert outcome.verdict == "done"


async def test_the_answer_at_the_end_decides(caller, called):
    called.moved_to, called.answers = "/called", [503]
    outcome = await caller.call(callback(f"{called.base}/to/there"))
    assert (outcome.verdict, outcome.status) == ("again", 503)


async def test_another_host_gets_neither_token_nor_signature(caller, called):
    async with endpoint() as other:
        called.moved_to = other.url
        await caller.call(callback(f"{called.base}/to/other"))
        (call,) = other.calls
        assert call.body == b'{"status": "delivered"}'
        assert not {name.lower() for name in call.headers} & {name.lower() for name in SECRETS}


async def test_what_was_another_host_in_between_gets_nothing_back(caller, called):
    """There and back again: whoever stands in between cannot have the token carried on."""
    async with endpoint() as other:
        called.moved_to, other.moved_to = f"{other.base}/to/back", called.url
        await caller.call(callback(f"{called.base}/to/other"))
        assert "Authorization" not in called.calls[-1].headers


async def test_redirects_in_a_circle_end_and_are_tried_again(caller, called):
    called.moved_to = "/to/there"
    outcome = await caller.call(callback(f"{called.base}/to/there"))
    assert (outcome.verdict, len(called.calls)) == ("again", 11)


@pytest.mark.parametrize(
    "location", ["", "/to there", "http://", "mailto:jo@example.com", "file:///etc/passwd"]
)
async def test_odd_places_end_in_an_outcome(caller, called, location):
    called.moved_to = location
    outcome = await caller.call(callback(f"{called.base}/to/odd"))
    assert outcome.verdict in {"again", "failed", "done"}
    assert len(called.calls) <= 11


async def test_a_redirect_without_a_place_is_an_answer(caller, called):
    called.answers = [302]
    outcome = await caller.call(callback(called.url))
    assert (outcome.verdict, outcome.status) == ("done", 302)


async def test_plain_http_is_not_called_unless_the_operator_allows_it(called):
    async with calling(plain_http=False) as caller:
        outcome = await caller.call(callback(called.url))
    assert (outcome.verdict, called.calls) == ("failed", [])
    assert "https" in outcome.reason
