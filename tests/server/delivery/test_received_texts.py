"""Services are told of texts that people send to their numbers (contract, section 8)."""

import json
import uuid
from datetime import UTC, datetime

import pytest

from notifications_python_client.callbacks import parse_callback
from pillarbox.actions.receive_text import receive_text
from pillarbox.delivery.posts import PostReader
from pillarbox.messages.posts import Incoming, PlainIntake, Post
from pillarbox.store.callback_attempts import AttemptsQuery
from tests.support.api import provisioned
from tests.support.callback_endpoint import endpoint
from tests.support.delivering import TOKEN, delivering, working
from tests.support.factories import MadeService, document

OURS = MadeService("texted", options={"inbound_number": "07700900500"})
OTHERS = MadeService("others", options={"inbound_number": "07700900501"})
AT = datetime(2024, 5, 17, 14, 58, 38, 342838, tzinfo=UTC)


@pytest.fixture
def database_url(databases):
    with provisioned(databases, document(OURS, OTHERS)) as url:
        yield url


@pytest.fixture
async def post(database_url):
    async with delivering(database_url, OURS) as post:
        yield post


@pytest.fixture
async def called():
    async with endpoint() as called:
        yield called


async def receive(post, content="Hi", receiver="447700900500", at=AT):
    incoming = Incoming("+447900900123", receiver, content, None, at)
    return await receive_text(post.store, Post("scripted", "received_text", b""), incoming)


async def test_the_body_is_the_contract_s_to_the_byte(post, routes, called):
    await post.call_back_at(called.url, kind="inbound_sms")
    identifier = await receive(post, "Hi, ünïcode 🎉")
    await post.work(routes)
    (call,) = called.calls
    expected = {
        "id": str(identifier),
        "source_number": "447900900123",
        "destination_number": "07700900500",
        "message": "Hi, ünïcode 🎉",
        "date_received": "2024-05-17T14:58:38.342838Z",
    }
    assert call.body == json.dumps(expected).encode()
    assert (call.method, call.headers["Content-Type"]) == ("POST", "application/json")
    assert parse_callback(call.headers, call.body, bearer_token=TOKEN)["kind"] == "received-text"
    assert call.headers["webhook-id"] == str(identifier)
    assert await post.outbox() == []


async def test_without_a_time_of_the_provider_ours_counts(post, routes, called):
    await post.call_back_at(called.url, kind="inbound_sms")
    identifier = await receive(post, at=None)
    await post.work(routes)
    (row,) = await post.rows("select created_at from received_text where id = %s", identifier)
    said = json.loads(called.calls[0].body)["date_received"]
    assert said == row["created_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def test_url_and_token_are_those_of_the_attempt(post, routes, called):
    await post.call_back_at(called.url, "the-first-token", kind="inbound_sms")
    called.answers = [503]
    await receive(post)
    await post.work(routes)
    (row,) = await post.outbox()
    assert 298 < row["due_in"] <= 300
    await post.call_back_at(f"{called.base}/elsewhere", "another-token", kind="inbound_sms")
    await post.make_all_due()
    await post.work(routes)
    first, second = called.calls
    assert (first.path, first.headers["Authorization"]) == ("/called", "Bearer the-first-token")
    assert (second.path, second.headers["Authorization"]) == ("/elsewhere", "Bearer another-token")
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.parametrize("gone", ["delete from callback", "delete from received_text"])
async def test_what_is_not_wanted_any_more_or_is_deleted_is_not_told(post, routes, called, gone):
    await post.call_back_at(called.url, kind="inbound_sms")
    await receive(post)
    await post.rows(gone)
    await post.work(routes)
    assert (called.calls, await post.outbox()) == ([], [])


async def test_each_service_hears_of_its_own_texts_only(post, routes, called):
    async with delivering(post.url, OTHERS) as other, endpoint() as other_called:
        await post.call_back_at(called.url, kind="inbound_sms")
        await other.call_back_at(other_called.url, kind="inbound_sms")
        ours, others = await receive(post, "to us"), await receive(post, "to them", "07700900501")
        await post.work(routes)
        assert [json.loads(call.body)["id"] for call in called.calls] == [str(ours)]
        assert [json.loads(call.body)["id"] for call in other_called.calls] == [str(others)]
        (attempt,) = await post.store.callback_attempts.newest(AttemptsQuery(uuid.UUID(OTHERS.id)), 10)
    assert (attempt.kind, attempt.message_id, attempt.outcome) == ("inbound_sms", others, "done")


async def test_a_service_that_is_told_of_deliveries_only_is_not_told_of_texts(post, routes, called):
    await post.call_back_at(called.url)
    await receive(post)
    await post.work(routes)
    assert (called.calls, await post.outbox()) == ([], [])


class Pairs(PlainIntake):
    """Of a provider that posts two texts at once, without references."""

    name = "pairs"

    def read(self, post):
        return [Incoming("447900900123", "07700900500", content) for content in post.body.decode().split()]


async def test_texts_of_one_post_are_each_stored_once_however_often_it_is_applied(post):
    await post.store.provider_posts.keep(Post("pairs", "received_text", b"one two"))
    (kept,) = await post.rows("select * from provider_post")
    reader = PostReader(post.store, {"pairs": Pairs()})
    await reader.turn()
    await post.rows(
        "insert into provider_post (id, provider, kind, body) overriding system value values (%s, %s, %s, %s)",
        *(kept[name] for name in ("id", "provider", "kind", "body")),
    )
    await reader.turn()
    texts = await post.store.received_texts.page(uuid.UUID(OURS.id), None)
    assert sorted(text.content for text in texts) == ["one", "two"]


async def test_a_post_of_a_provider_reaches_the_service_by_way_of_a_worker(post, routes, called):
    await post.call_back_at(called.url, kind="inbound_sms")
    said = {"sender": "447900900123", "receiver": "07700900500", "content": "Hi"}
    async with working(post, routes):
        await post.store.provider_posts.keep(Post("scripted", "received_text", json.dumps(said).encode()))
        await called.until(1)
    assert json.loads(called.calls[0].body)["message"] == "Hi"
