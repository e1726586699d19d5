"""Callbacks that failed are made again when their service asks for them, as messages are by then."""

import json
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from pillarbox.actions.receive_text import receive_text
from pillarbox.actions.replay_callbacks import replay_callbacks
from pillarbox.messages.posts import Incoming, Post
from pillarbox.store.callback_attempts import AttemptsQuery, CallbackAttempt
from tests.support.api import provisioned
from tests.support.delivering import TOKEN, delivering, put_on_record
from tests.support.factories import MadeService, document

OURS = MadeService("told", options={"inbound_number": "07700900500"})
OTHERS = MadeService("other")
FAILED = ("failed", "gave up")
NOW = datetime.now(UTC)


@pytest.fixture
def database_url(databases):
    with provisioned(databases, document(OURS, OTHERS)) as url:
        yield url


@pytest.fixture
async def post(database_url):
    async with delivering(database_url, OURS) as post:
        await post.call_back_at("https://ours.example.com/")
        yield post


@asynccontextmanager
async def other_service(post):
    async with delivering(post.url, OTHERS) as other:
        await other.call_back_at("https://others.example.com/")
        yield other


async def told(post, *outcomes, status="delivered", at=NOW):
    """A message that its service was called back about, with these outcomes; its id."""
    identifier = await post.text()
    await post.rows(
        "update notification set status = %s, updated_at = now() where id = %s", status, identifier
    )
    await post.rows("delete from outbox where notification_id = %s", identifier)
    created_at = (await post.notification(identifier))["created_at"]
    await record(post, identifier, outcomes, created_at=created_at, at=at)
    return identifier


async def record(post, identifier, outcomes, *, kind="delivery_status", created_at=NOW, at=NOW):
    for number, outcome in enumerate(outcomes, start=1):
        attempt = CallbackAttempt(
            created_at,
            at + timedelta(minutes=5 * number),
            uuid.UUID(post.service.id),
            kind,
            "sms",
            identifier,
            f"{identifier}-delivered",
            number,
            "https://ours.example.com/old",
            500,
            outcome,
            "",
            0.1,
            "",
        )
        await put_on_record(post.store, attempt)


async def replay(post, outcomes=FAILED, *, dry_run=False, **query):
    return await replay_callbacks(post.store, AttemptsQuery(outcomes=outcomes, **query), dry_run=dry_run)


async def queued(post):
    return [row["notification_id"] for row in await post.outbox("callback")]


async def test_what_failed_is_queued_with_the_body_and_the_url_of_today(post):
    identifier = await told(post, "again", "gave up", status="temporary-failure")
    await post.rows("update notification set status = 'delivered' where id = %s", identifier)
    await post.call_back_at("https://ours.example.com/new")
    done = await replay(post)
    assert (done.found, done.queued) == (1, 1)
    (row,) = await post.outbox()
    message = await post.notification(identifier)
    assert (row["kind"], row["attempts"], row["notification_id"]) == ("callback", 0, identifier)
    assert row["payload"]["url"] == "https://ours.example.com/new"
    assert row["payload"]["body"]["status"] == "delivered"
    assert row["payload"]["body"]["created_at"] == message["created_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert TOKEN not in json.dumps(row["payload"])


@pytest.mark.parametrize(
    ("outcomes", "wanted", "found"),
    [
        (["failed"], FAILED, 1),
        (["again", "again", "gave up"], FAILED, 1),
        (["gave up", "done"], FAILED, 0),
        (["done"], FAILED, 0),
        (["again"], FAILED, 0),
        (["again"], ("done", *FAILED), 0),
        (["done"], ("done",), 1),
        (["failed", "done"], ("done", *FAILED), 1),
    ],
)
async def test_the_last_attempt_counts(post, outcomes, wanted, found):
    await told(post, *outcomes)
    assert (await replay(post, wanted)).queued == found
    assert len(await queued(post)) == found


async def test_doing_it_twice_queues_once(post):
    ids = {await told(post, "failed") for _ in range(5)}
    assert (await replay(post)).queued == 5
    assert (await replay(post)).queued == 0
    assert set(await queued(post)) == ids


async def test_a_dry_run_counts_the_same_and_queues_nothing(post):
    for _ in range(3):
        await told(post, "failed")
    gone = await told(post, "failed")
    await post.rows("delete from notification where id = %s", gone)
    dry = await replay(post, dry_run=True)
    assert (dry.found, dry.queued, await post.outbox()) == (4, 3, [])
    assert await replay(post) == dry


async def test_only_the_service_that_is_meant_is_called(post):
    async with other_service(post) as other:
        ours, others = await told(post, "failed"), await told(other, "failed")
        await replay(post, service=uuid.UUID(OURS.id))
        assert await queued(post) == [ours]
        await replay(post, service=uuid.UUID(OTHERS.id))
        assert await queued(post) == [ours, others]
        rows = await post.outbox()
    assert [row["payload"]["url"] for row in rows] == [
        "https://ours.example.com/",
        "https://others.example.com/",
    ]
    assert [str(row["service_id"]) for row in rows] == [OURS.id, OTHERS.id]


async def test_only_what_was_tried_in_that_time_is_called(post):
    early = await told(post, "again", "failed", at=NOW - timedelta(hours=3))
    late = await told(post, "failed", at=NOW - timedelta(hours=1))
    hour = timedelta(hours=1)
    for since, until, found in [
        (NOW - 4 * hour, NOW - 2 * hour, {early}),
        (NOW - 3 * hour, NOW - 3 * hour + timedelta(minutes=7), {early}),
        (NOW - 2 * hour, None, {late}),
        (None, NOW, {early, late}),
        (NOW, None, set()),
    ]:
        await replay(post, since=since, until=until)
        assert set(await queued(post)) == found, (since, until)
        await post.rows("delete from outbox")


async def test_one_message_may_be_meant(post):
    await told(post, "failed")
    meant = await told(post, "failed")
    await replay(post, message=meant)
    assert await queued(post) == [meant]


async def test_who_wants_no_callbacks_any_more_gets_none(post):
    await told(post, "failed")
    await post.rows("delete from callback")
    done = await replay(post)
    assert (done.found, done.queued, await post.outbox()) == (1, 0, [])


async def test_received_texts_are_told_of_again_too(post):
    incoming = Incoming("447900900123", "07700900500", "Hi", None, None)
    identifier = await receive_text(post.store, Post("supplier", "received_text", b""), incoming)
    await record(post, identifier, ["gave up"], kind="inbound_sms")
    assert (await replay(post)).queued == 0
    await post.call_back_at("https://ours.example.com/texts", kind="inbound_sms")
    assert (await replay(post)).queued == 1
    assert (await replay(post)).queued == 0
    (row,) = await post.outbox()
    assert (row["payload"], row["notification_id"]) == ({"received_text": str(identifier)}, None)


async def test_thousands_are_queued_and_progress_is_told(post):
    await post.rows(
        "insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version,"
        " recipient, status) select gen_random_uuid(), now(), %s, 'sms', 'normal', %s, 1, '07900900123', 'delivered'"
        " from generate_series(1, 2500)",
        OURS.id,
        OURS.templates["sms"],
    )
    await post.rows(
        "insert into callback_attempt (created_at, attempted_at, service_id, kind, channel, message_id, webhook_id,"
        " attempt, url, outcome, reason, seconds, answer) select created_at, now(), service_id, 'delivery_status',"
        " 'sms', id, id, 1, '', 'failed', '', 0, '' from notification"
    )
    said = []
    await replay_callbacks(
        post.store, AttemptsQuery(outcomes=FAILED), progress=lambda so_far: said.append(so_far.found)
    )
    assert said == [1000, 2000, 2500]
    assert len(set(await queued(post))) == 2500
