"""The inbox for tests: searching, waiting, emptying, and clear answers to wrong questions."""

import asyncio
from time import monotonic

import pytest

from pillarbox.store.ids import new_id


@pytest.fixture
async def three(inbox):
    await inbox.catch("first")
    await inbox.catch("second", to="447700900124")
    await inbox.catch("third", to="jo@example.com", channel="email")
    return inbox


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["third", "second", "first"]),
        ("to=447700900123", ["first"]),
        ("to=07700900123", ["first"]),
        ("to=%2B44%207700%20900123", ["first"]),
        ("to=07700900999", []),
        ("to=jo@example.com", ["third"]),
        ("to=%20jo@example.com%20", ["third"]),
        ("channel=sms", ["second", "first"]),
        ("channel=email", ["third"]),
        ("channel=letter", []),
        ("reference=second", ["second"]),
        ("reference=secon", []),
        ("to=07700900123&channel=email", []),
        ("to=&channel=&reference=&since=&wait=", ["third", "second", "first"]),
        ("since=2000-01-01T00:00:00Z", ["third", "second", "first"]),
        ("since=2100-01-01", []),
    ],
)
async def test_a_search_finds_what_is_meant_newest_first(three, query, expected):
    assert await three.found(query) == expected


async def test_since_the_last_message_that_was_seen_there_is_nothing_until_the_next(three):
    newest = (await three.get("/inbox/messages")).json["messages"][0]["created_at"]
    assert await three.found(f"since={newest}") == []
    await three.catch("fourth")
    assert await three.found(f"since={newest}") == ["fourth"]


async def test_a_message_has_these_fields(inbox):
    identifier = await inbox.catch(
        "A1", channel="email", to="jo@example.com", sender='"Pigeons" <p@example.com>'
    )
    [message] = (await inbox.get("/inbox/messages")).json["messages"]
    assert message.pop("id") == identifier
    assert message.pop("created_at").endswith("Z")
    assert set(message) == {
        "service_id", "notification_id", "channel", "to", "from", "reference", "subject", "body", "html", "refusal",
        "status", "timeline",
    }  # fmt: skip
    assert (message["to"], message["from"]) == ("jo@example.com", '"Pigeons" <p@example.com>')


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            "chanel=sms",
            "chanel is not known: arguments are to, channel, reference, since, refused, wait, token",
        ),
        ("channel=fax", "channel is 'fax' but must be one of sms, email, letter"),
        ("since=yesterday", "since is 'yesterday' but must be a time such as 2026-11-22T09:30:00Z"),
        ("wait=long", "wait must be a number of seconds from 0 to 60"),
        ("wait=-1", "wait must be a number of seconds from 0 to 60"),
        ("wait=61", "wait must be a number of seconds from 0 to 60"),
        ("wait=nan", "wait must be a number of seconds from 0 to 60"),
        ("refused=yes", "refused is 'yes' but must be true or false"),
        ("to=a&to=b", "to is given twice"),
        ("to=a%00b", "to holds a character that no message has"),
    ],
)
async def test_a_wrong_question_is_told_what_is_wrong(inbox, query, error):
    answer = await inbox.get(f"/inbox/messages?{query}")
    assert (answer.status, answer.json) == (400, {"error": error})


async def test_what_was_refused_is_found_only_by_those_who_ask_for_it(inbox):
    await inbox.catch("taken")
    await inbox.catch("turned away", refusal="busy")
    assert await inbox.found() == ["taken"]
    assert await inbox.found("refused=true") == ["turned away", "taken"]


async def test_what_is_taken_at_last_counts_as_caught_then(inbox):
    notification = new_id()[0]
    await inbox.catch("late", refusal="busy", notification_id=notification)
    await inbox.catch("another")
    await inbox.catch("late", notification_id=notification)
    assert await inbox.found() == ["late", "another"]
    await inbox.catch("late", refusal="busy", notification_id=notification)
    assert await inbox.found() == ["late", "another"]


async def test_waiting_ends_as_soon_as_the_message_is_there(inbox):
    waiting = asyncio.create_task(inbox.found("to=07700900123&wait=20"))
    await inbox.catch("another", to="447700900999")
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await inbox.catch("the one")
    begun = monotonic()
    assert await waiting == ["the one"]
    assert monotonic() - begun < 3


async def test_waiting_ends_with_nothing_after_its_time(inbox):
    begun = monotonic()
    assert await inbox.found("wait=0.3") == []
    assert 0.3 <= monotonic() - begun < 5


async def test_waiting_ends_when_the_server_is_told_to_stop(inbox):
    waiting = asyncio.create_task(inbox.found("wait=60"))
    await asyncio.sleep(0.2)
    inbox.stopping.set()
    assert await asyncio.wait_for(waiting, 5) == []


async def test_emptying_forgets_everything(three):
    assert (await three.ask("DELETE", "/inbox/messages")).status == 204
    assert await three.found() == []


async def test_at_most_250_messages_are_given_the_newest(inbox):
    for number in range(252):
        await inbox.catch(str(number))
    found = await inbox.found()
    assert (len(found), found[0], found[-1]) == (250, "251", "2")
