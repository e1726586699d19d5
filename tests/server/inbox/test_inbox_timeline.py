"""What happened to a message: its status in the list, its way on its page, and both for programs."""

import html
import json
from datetime import timedelta
from uuid import UUID

import pytest

from pillarbox.store.callback_attempts import CallbackAttempt
from pillarbox.store.ids import new_id
from pillarbox.store.partitions import ensure_days_ahead
from tests.support.delivering import put_on_record

SERVICE = UUID(int=1)


async def notified(inbox, status, *events, service=SERVICE, **fields):
    """A caught message with its notification; its page's path."""
    identifier, created_at = new_id()
    async with inbox.store.pool.connection() as connection:
        await ensure_days_ahead(connection)
        await connection.execute(
            "insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version,"
            " recipient, status, timeline) values (%s, %s, %s, 'sms', 'normal', %s, 1, '07700900123', %s, %s)",
            [identifier, created_at, service, service, status, json.dumps(events)],
        )
    caught = await inbox.catch("A1", notification_id=identifier, service_id=service, **fields)
    return f"/inbox/messages/{caught}", identifier, created_at


@pytest.mark.parametrize(
    ("status", "refusal", "words"),
    [
        ("delivered", None, '<span class="status good">Delivered</span>'),
        ("sent", None, '<span class="status good">Sent</span>'),
        ("sending", None, '<span class="status wait">Sending</span>'),
        ("pending", None, '<span class="status wait">Pending</span>'),
        ("temporary-failure", None, '<span class="status bad">Temporary failure</span>'),
        ("created", None, '<span class="status wait">Waiting</span>'),
        ("created", "busy", '<span class="status wait">Busy: tried again later</span>'),
        ("technical-failure", "rejected", '<span class="status bad">Technical failure</span>'),
    ],
)
async def test_the_list_and_the_page_say_how_a_message_is_doing(inbox, status, refusal, words):
    path, *_ = await notified(inbox, status, refusal=refusal)
    for page in ("/inbox", path):
        assert words in (await inbox.get(page)).text


async def test_programs_see_status_and_timeline(inbox):
    event = {
        "at": "2026-11-22T09:30:00.000000Z",
        "what": "attempt",
        "provider": "sandbox",
        "answer": "accepted",
    }
    await notified(inbox, "delivered", event)
    [message] = (await inbox.get("/inbox/messages")).json["messages"]
    assert (message["status"], message["timeline"]) == ("delivered", [event])


async def test_a_message_whose_notification_is_gone_is_shown_without_a_status(inbox):
    identifier = await inbox.catch("A1")
    assert "Nothing is known of it any more." in (await inbox.get(f"/inbox/messages/{identifier}")).text
    assert 'class="status' not in (await inbox.get("/inbox")).text
    [message] = (await inbox.get("/inbox/messages")).json["messages"]
    assert (message["status"], message["timeline"]) == (None, [])


def attempt(created_at, message, outcome="done", **fields):
    values = {"status": 204, "reason": "", "url": "https://example.com/told?secret=1", **fields}
    return CallbackAttempt(
        created_at=created_at,
        attempted_at=created_at + timedelta(seconds=5),
        service_id=SERVICE,
        kind="delivery_status",
        channel="sms",
        message_id=message,
        webhook_id="w",
        attempt=1,
        outcome=outcome,
        seconds=0.1,
        answer="",
        **values,
    )


async def test_a_messages_way_is_told_in_order_from_accepting_to_telling_the_service(inbox):
    path, identifier, created_at = await notified(inbox, "delivered")
    events = [
        {"what": "attempt", "provider": "sandbox", "answer": "busy", "code": "45", "reason": "<full>"},
        {"what": "attempt", "provider": "sandbox", "answer": "accepted", "reference": "theirs"},
        {"what": "receipt", "provider": "sandbox", "status": "delivered"},
    ]
    for seconds, event in enumerate(events, 1):
        event["at"] = (created_at + timedelta(seconds=seconds)).isoformat()
    async with inbox.store.pool.connection() as connection:
        await connection.execute(
            "update notification set timeline = %s where id = %s", [json.dumps(events), identifier]
        )
    await put_on_record(inbox.store, attempt(created_at, identifier))
    page = (await inbox.get(path)).text
    told = [
        "Accepted",
        "Sandbox was busy",
        "Sandbox took it",
        "Sandbox reports: delivered",
        "The service was told",
    ]
    places = [page.index(f"<b>{words}</b>") for words in told]
    assert places == sorted(places)
    assert html.escape("45, <full>") in page
    assert "https://example.com/told: 204" in page
    assert "secret" not in page


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"what": "attempt", "provider": "a", "answer": "rejected", "reason": "no"}, "A refused it"),
        ({"what": "attempt", "provider": "a", "answer": "unknown"}, "A did not answer"),
        ({"what": "receipt", "provider": "a", "status": "permanent-failure"}, "A reports: permanent failure"),
        ({"what": "timed out", "status": "temporary-failure"}, "Pillarbox reports: temporary failure"),
        ({"what": "moved"}, "Moved"),
        ({"at": "yesterday", "answer": {"x": []}, "provider": 5}, "Something"),
        ({}, "Something happened"),
    ],
)
async def test_whatever_is_on_a_timeline_can_be_shown(inbox, event, words):
    path, *_ = await notified(inbox, "delivered", event)
    page = await inbox.get(path)
    assert page.status == 200
    if words != "Something":
        assert f"<b>{words}</b>" in page.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"outcome": "again", "status": 503, "reason": "Service Unavailable"}, "it is called again"),
        ({"outcome": "failed", "status": 404, "reason": "Not Found"}, "would not hear of it"),
        ({"outcome": "gave up", "status": None, "reason": "TimeoutError"}, "nobody calls it any more"),
    ],
)
async def test_calls_to_the_service_that_fail_say_why(inbox, fields, words):
    path, identifier, created_at = await notified(inbox, "delivered")
    await put_on_record(inbox.store, attempt(created_at, identifier, **fields))
    page = (await inbox.get(path)).text
    assert words in page
    assert fields["reason"] in page


async def test_two_services_messages_have_each_their_own_way(inbox):
    one, first, created_at = await notified(inbox, "delivered")
    two, *_ = await notified(inbox, "sending", service=UUID(int=2))
    await put_on_record(inbox.store, attempt(created_at, first))
    assert "The service was told" in (await inbox.get(one)).text
    assert "The service was told" not in (await inbox.get(two)).text


async def test_the_list_is_watched_closely_while_something_is_under_way(inbox):
    await notified(inbox, "delivered")
    assert "data-under-way" not in (await inbox.get("/inbox")).text
    await notified(inbox, "sending")
    assert "data-under-way" in (await inbox.get("/inbox")).text
