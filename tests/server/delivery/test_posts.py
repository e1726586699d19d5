"""What providers tell us is applied whenever it comes, and put aside, not lost, when it cannot be."""

import json

import pytest

from pillarbox.delivery.posts import PostReader
from pillarbox.messages.posts import Post, Receipt
from pillarbox.providers.base import Accepted
from pillarbox.rehearsal.posts import written
from tests.support.delivering import MADE_UP


@pytest.fixture
def reader(post):
    return PostReader(post.store, MADE_UP)


async def tell(post, receipt, provider="scripted"):
    await post.store.provider_posts.keep(written(provider, receipt))


async def later(post, seconds):
    await post.rows(
        "update provider_post set received_at = received_at - %s * interval '1 second', due = now()", seconds
    )


async def test_a_receipt_that_names_the_provider_s_reference_finds_its_message(
    post, routes, provider, reader
):
    provider.answers = [Accepted(reference="0a1b", receipts_name_it=True)]
    identifier = await post.text()
    await post.work(routes)
    await tell(post, Receipt("0a1b", "delivered", theirs=True))
    await reader.turn()
    assert await post.status(identifier) == "delivered"
    assert await post.receipts() == []


async def test_the_same_reference_of_another_provider_is_another_s(post, routes, provider, reader):
    provider.answers = [Accepted(reference="0a1b", receipts_name_it=True)]
    identifier = await post.text()
    await post.work(routes)
    await tell(post, Receipt("0a1b", "delivered", theirs=True), provider="simulator")
    await reader.turn()
    assert await post.status(identifier) == "sending"


async def test_a_receipt_ahead_of_the_answer_waits_for_it(post, routes, provider, reader):
    await tell(post, Receipt("0a1b", "delivered", theirs=True))
    await reader.turn()
    (waiting,) = await post.receipts()
    assert (waiting["outcome"], waiting["due_in"] > 0) == (None, True)
    provider.answers = [Accepted(reference="0a1b", receipts_name_it=True)]
    identifier = await post.text()
    await post.work(routes)
    await later(post, 2)
    await reader.turn()
    assert await post.status(identifier) == "delivered"


async def test_an_email_s_receipt_ahead_of_the_answer_waits_too(post, routes, reader):
    """Emails are open to receipts only once they are sending (public API contract, section 7)."""
    identifier = await post.email()
    await tell(post, Receipt(str(identifier), "permanent-failure"))
    await reader.turn()
    assert await post.status(identifier) == "created"
    await post.work(routes)
    await later(post, 2)
    await reader.turn()
    assert await post.status(identifier) == "permanent-failure"


@pytest.mark.parametrize(
    "reference",
    ["fcd52e0a-cb50-47c5-81ba-33f157395a6e", "01a215f9-0745-71e2-baa7-2918e5fdebcd", "nonsense", ""],
)
async def test_a_receipt_of_no_message_is_put_aside_after_five_minutes(post, reader, reference):
    await tell(post, Receipt(reference, "delivered"))
    await reader.turn()
    (waiting,) = await post.receipts()
    assert waiting["outcome"] is None
    await later(post, 301)
    await reader.turn()
    (aside,) = await post.receipts()
    assert aside["outcome"] == "no such message"
    await later(post, 1)
    assert await reader.turn() is False


@pytest.mark.parametrize(
    ("name", "body", "outcome"),
    [
        ("scripted", b"\xff\x00 not json", "malformed"),
        ("scripted", b'{"reference": "x"}', "missing required field"),
        ("gone", b"{}", "no provider of this name"),
    ],
)
async def test_what_nobody_can_read_is_kept_with_the_reason_and_stops_nobody(
    post, routes, name, body, outcome
):
    identifier = await post.text()
    await post.work(routes)
    await post.store.provider_posts.keep(Post(name, "receipt", body))
    await tell(post, Receipt(str(identifier), "delivered"))
    await PostReader(post.store, MADE_UP).turn()
    assert await post.status(identifier) == "delivered"
    (aside,) = await post.rows("select body, outcome from provider_post")
    assert aside["body"] == body
    assert outcome in aside["outcome"]


async def test_a_receipt_that_cannot_be_stored_is_put_aside_alone(post, routes, reader):
    first, second = await post.text(name="1"), await post.text(name="2")
    await post.work(routes)
    await tell(post, Receipt(str(first), "delivered", reason="nul \0 inside"))
    await tell(post, Receipt(str(second), "delivered"))
    while await reader.turn():
        pass
    assert await post.status(second) == "delivered"
    (aside,) = await post.rows("select outcome from provider_post")
    assert "cannot be applied" in aside["outcome"]


async def test_a_first_receipt_that_is_not_final_may_change_what_the_next_one_means(post, routes, reader):
    """One supplier's "declined" after "buffered" is temporary (public API contract, section 9)."""
    buffered, at_once = await post.text(name="1"), await post.text(name="2")
    await post.work(routes)
    await tell(post, Receipt(str(buffered), "pending"))
    await reader.turn()
    for identifier in (buffered, at_once):
        declined = Receipt(str(identifier), "permanent-failure", if_pending="temporary-failure")
        await tell(post, declined)
    await reader.turn()
    assert await post.status(buffered) == "temporary-failure"
    assert await post.status(at_once) == "permanent-failure"


async def test_the_timeline_keeps_the_provider_s_words(post, routes, reader):
    identifier = await post.text()
    await post.work(routes)
    await tell(post, Receipt(str(identifier), "permanent-failure", code="27", reason="absent subscriber"))
    await reader.turn()
    line = (await post.notification(identifier))["timeline"][-1]
    assert (line["status"], line["code"], line["reason"]) == ("permanent-failure", "27", "absent subscriber")
    assert json.dumps(line)
