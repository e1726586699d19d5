"""Texts from people's phones reach the service whose number they were sent to, once, or nobody."""

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from pillarbox.actions.receive_text import new_received_text, receive_text
from pillarbox.messages.posts import Incoming, Post
from tests.support.api import provisioned
from tests.support.delivering import delivering
from tests.support.factories import MadeService, document
from tests.support.linear_time import assert_linear

NUMBER = "07700900500"
OURS = MadeService("texted", options={"inbound_number": NUMBER, "permissions": ["sms", "inbound_sms"]})
OTHERS = MadeService("other", options={"inbound_number": "+44 7700 900501", "permissions": ["inbound_sms"]})
DEAF = MadeService("deaf", options={"inbound_number": "07700900502", "permissions": ["sms"]})
ABROAD = MadeService("abroad", options={"inbound_number": "+33612345678", "permissions": ["inbound_sms"]})
POST = Post("supplier", "received_text", b"")
AT = datetime(2024, 5, 17, 14, 58, 38, 342838, tzinfo=UTC)


@pytest.fixture
def database_url(databases):
    with provisioned(databases, document(OURS, OTHERS, DEAF, ABROAD)) as url:
        yield url


@pytest.fixture
async def post(database_url):
    async with delivering(database_url, OURS) as post:
        yield post


def incoming(receiver=NUMBER, sender="447900900123", content="Hi", reference=None, at=AT):
    return Incoming(sender, receiver, content, reference, at)


async def texts_of(post, service):
    return await post.store.received_texts.page(uuid.UUID(service.id), None)


@pytest.mark.parametrize(
    ("receiver", "service"),
    [
        (NUMBER, OURS),
        ("447700900500", OURS),
        ("+447700900500", OURS),
        ("00447700900500", OURS),
        ("07700 900-500", OURS),
        ("07700900501", OTHERS),
        ("447700900501", OTHERS),
        ("33612345678", ABROAD),
        ("0033612345678", ABROAD),
    ],
)
async def test_however_a_number_is_written_the_text_reaches_its_service_and_no_other(post, receiver, service):
    identifier = await receive_text(post.store, POST, incoming(receiver))
    (text,) = await texts_of(post, service)
    assert (text.id, text.content, text.user_number) == (identifier, "Hi", "447900900123")
    assert text.notify_number == service.options["inbound_number"]
    assert text.created_at > datetime.now(UTC) - timedelta(minutes=1)
    for other in {OURS.name: OURS, OTHERS.name: OTHERS, ABROAD.name: ABROAD}.values():
        assert other is service or await texts_of(post, other) == []


@pytest.mark.parametrize(
    "receiver", ["07700900502", "07700900599", "7700900500", "", "nobody", "0", "9" * 500]
)
async def test_a_number_of_nobody_or_of_who_may_not_receive_is_dropped(post, receiver):
    with capture_logs() as logs:
        assert await receive_text(post.store, POST, incoming(receiver, content="secret")) is None
    assert await post.rows("select * from received_text") == []
    assert await post.outbox() == []
    assert [line["reason"] for line in logs] == ["unwanted"]
    assert not any(word in str(logs) for word in ("secret", "447900900123", receiver or "secret"))


async def test_an_archived_service_receives_nothing(post):
    await post.rows("update service set active = false where id = %s", OURS.id)
    assert await receive_text(post.store, POST, incoming()) is None


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("07900900123", "447900900123"),
        ("+447900900123", "447900900123"),
        ("+33612345678", "33612345678"),
        ("VOICEMAIL", "VOICEMAIL"),
        ("84433", "84433"),
        ("", ""),
    ],
)
def test_senders_are_shown_in_international_form_if_they_are_numbers(sender, shown):
    assert new_received_text(POST, incoming(sender=sender)).user_number == shown


async def test_the_same_reference_of_a_provider_is_one_text(post):
    texts = [incoming(reference="one"), incoming(reference="one", content="again")] * 3
    ids = await asyncio.gather(*(receive_text(post.store, POST, text) for text in texts))
    assert await receive_text(post.store, POST, incoming(reference="one")) is None
    assert len(await texts_of(post, OURS)) == len([one for one in ids if one]) == 1
    assert await receive_text(post.store, Post("another", "received_text", b""), incoming(reference="one"))
    assert len(await texts_of(post, OURS)) == 2


async def test_a_post_without_a_reference_is_one_text_however_often_it_is_applied(post):
    assert await receive_text(post.store, POST, incoming(), mark="17/0")
    assert await receive_text(post.store, POST, incoming(), mark="17/0") is None
    assert await receive_text(post.store, POST, incoming(), mark="17/1")


async def test_texts_without_any_mark_are_each_their_own(post):
    await asyncio.gather(*(receive_text(post.store, POST, incoming()) for _ in range(5)))
    assert len(await texts_of(post, OURS)) == 5


async def test_references_of_any_length_are_told_apart(post):
    long = "r" * 10_000
    assert await receive_text(post.store, POST, incoming(reference=long))
    assert await receive_text(post.store, POST, incoming(reference=long + "s"))
    assert await receive_text(post.store, POST, incoming(reference=long)) is None


async def test_only_services_that_want_to_be_told_have_a_callback_queued(post):
    await receive_text(post.store, POST, incoming())
    assert await post.outbox() == []
    await post.call_back_at("https://example.com/texts", kind="inbound_sms")
    identifier = await receive_text(post.store, POST, incoming())
    await receive_text(post.store, POST, incoming("07700900501"))
    (row,) = await post.outbox()
    assert (row["kind"], str(row["service_id"]), row["notification_id"]) == ("callback", OURS.id, None)
    assert row["payload"] == {"received_text": str(identifier)}


async def test_a_worker_that_sleeps_is_woken(post):
    await post.call_back_at("https://example.com/texts", kind="inbound_sms")
    async with await psycopg.AsyncConnection.connect(post.url, autocommit=True) as listener:
        await listener.execute("listen outbox")
        await receive_text(post.store, POST, incoming())
        async for _ in listener.notifies(timeout=30, stop_after=1):
            return
    raise AssertionError("nobody was woken")


@pytest.mark.parametrize("content", ["", "a\0b", "\ud800", "🎉" * 1000, "x" * 1_000_000])
async def test_any_content_is_stored_or_what_is_left_of_it(post, content):
    assert await receive_text(post.store, POST, incoming(content=content))
    (text,) = await texts_of(post, OURS)
    assert text.content == content.replace("\0", "").replace("\ud800", "?")


@given(
    st.builds(Incoming, st.text(), st.text(), st.text(), st.none() | st.text(), st.none() | st.datetimes())
)
def test_whatever_a_provider_brings_makes_a_row_that_can_be_stored(text):
    row = new_received_text(POST, text)
    for value in (row.user_number, row.receiver, row.content, row.provider_reference or ""):
        assert "\0" not in value
        value.encode()


@pytest.mark.parametrize("pattern", ["0", "+", " ", "(", "\0", "7 "])
def test_numbers_of_any_length_take_time_in_proportion(pattern):
    assert_linear(lambda text: new_received_text(POST, Incoming(text, text, text)), pattern)


def test_the_provider_s_time_is_kept():
    at = datetime(2024, 5, 17, 15, 58, 38, tzinfo=timezone(timedelta(hours=1)))
    assert new_received_text(POST, incoming(at=at)).sent_at == at
    assert json.dumps(new_received_text(POST, incoming(at=None)).sent_at) == "null"
