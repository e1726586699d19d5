"""What becomes of a message, from its provider's answer or without one."""

from uuid import UUID

import pytest
from structlog.testing import capture_logs

from pillarbox.providers.base import Accepted, Busy, Rejected, Unknown
from pillarbox.store.store import Store
from tests.support.delivering import DOMAIN

AMERICAN, FRENCH, JERSEY = "+12025550123", "+33612345678", "07797111222"


async def accept(post, channel, **more):
    return await (post.text(**more) if channel == "sms" else post.email(**more))


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_a_message_that_its_provider_took_is_sending(post, routes, provider, channel):
    identifier = await accept(post, channel)
    await post.work(routes)
    row = await post.notification(identifier)
    assert (row["status"], row["provider"], row["provider_reference"]) == ("sending", "scripted", "theirs")
    assert row["sent_at"] is not None
    assert provider.ids == [identifier]
    assert await post.outbox() == []


async def test_a_text_is_handed_over_as_it_will_be_read(post, routes, provider, service):
    identifier = await post.text("07700 900123", name="Zoë “Z”")
    await post.work(routes)
    (text,) = provider.messages
    assert (text.to, text.content, text.sender) == ("447700900123", 'deliverer: Hello Zoë "Z"', "GOVUK")
    assert (text.international, text.reference, text.notification_id) == (False, "ours", identifier)
    assert str(text.service_id) == service.id


async def test_an_email_is_handed_over_as_it_will_be_read(post, routes, provider):
    await post.email("Jo@Example.com", one_click_unsubscribe_url="https://example.com/stop?x=1")
    await post.work(routes)
    (email,) = provider.messages
    assert (email.from_name, email.from_address) == ("deliverer", f"deliverer@{DOMAIN}")
    assert (email.to, email.reply_to, email.subject) == (
        "Jo@Example.com",
        "deliverer@example.com",
        "News for Jo",
    )
    assert "Hello Jo" in email.plain
    assert "Hello Jo" in email.html
    assert email.headers == {
        "List-Unsubscribe": "<https://example.com/stop?x=1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.parametrize(("name", "fragments"), [("Jo", 1), ("x" * 150, 2), ("ŵ" * 60, 2), ("€" * 80, 2)])
async def test_fragments_are_counted_when_the_provider_takes_a_text(post, routes, name, fragments):
    identifier = await post.text(name=name)
    assert (await post.notification(identifier))["billable_units"] == 0
    await post.work(routes)
    assert (await post.notification(identifier))["billable_units"] == fragments


@pytest.mark.parametrize(("channel", "waits"), [("sms", [0, 300, 300]), ("email", [300, 300, 300])])
async def test_a_provider_that_is_busy_is_asked_again(post, routes, provider, channel, waits):
    provider.answers = [Busy("later")] * len(waits)
    identifier = await accept(post, channel)
    for wait in waits:
        await post.make_all_due()
        await post.work(routes)
        (row,) = await post.outbox()
        assert wait - 2 < row["due_in"] <= wait
        assert await post.status(identifier) == "created"
    await post.make_all_due()
    await post.work(routes)
    assert await post.status(identifier) == "sending"
    assert len(provider.messages) == len(waits) + 1


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_after_48_retries_it_is_a_technical_failure_that_is_called_back(
    post, routes, provider, channel
):
    provider.answers = [Busy("later")] * 100
    identifier = await accept(post, channel)
    await post.call_back_at("https://example.com/called")
    for _ in range(48):
        await post.make_all_due()
        await post.work(routes)
    assert await post.status(identifier) == "created"
    await post.make_all_due()
    await post.work(routes)
    assert await post.status(identifier) == "technical-failure"
    assert len(provider.messages) == 49
    (row,) = await post.outbox()
    assert row["kind"] == "callback"
    body = row["payload"]["body"]
    assert (body["status"], body["sent_at"]) == ("technical-failure", None)


@pytest.mark.parametrize("answer", [Rejected, Busy, Unknown])
async def test_logs_say_why_but_not_who(post, routes, answer):
    quoting = "550 5.1.1 <jo@example.com>: 447700900123 unknown in table"
    routes.sms.ways[0].provider.answers = [answer(quoting)] * 2
    ids = [await post.email("jo@example.com"), await post.text("07700 900123")]
    with capture_logs() as logs:
        await post.work(routes)
    assert {one["notification_id"] for one in logs} == set(map(str, ids))
    for one in logs:
        assert one["reason"] == "550 5.1.1 <…>: … unknown in table"


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_a_refusal_for_good_is_a_technical_failure_at_once(post, routes, provider, channel):
    provider.answers = [Rejected("no such sender")]
    identifier = await accept(post, channel)
    await post.work(routes)
    row = await post.notification(identifier)
    assert (row["status"], row["provider"], row["sent_at"]) == ("technical-failure", "scripted", None)
    assert await post.outbox() == []


async def test_a_message_of_an_archived_service_is_a_technical_failure_and_goes_nowhere(
    post, routes, provider
):
    identifier = await post.text()
    await post.rows("update service set active = false")
    post.store = Store.over(post.store.pool, post.store.seal)  # one that has not seen the service before
    await post.work(routes)
    assert await post.status(identifier) == "technical-failure"
    assert provider.messages == []


@pytest.mark.parametrize("status", ["sending", "delivered", "technical-failure", "sent"])
async def test_a_message_that_is_not_created_any_more_is_not_sent(post, routes, provider, status):
    identifier = await post.text()
    await post.rows("update notification set status = %s", status)
    await post.work(routes)
    assert (await post.status(identifier), routes.sms.ways[0].provider.messages, await post.outbox()) == (
        status,
        [],
        [],
    )


TEST_KEY_OUTCOMES = [
    ("sms", "07700900123", "delivered"),
    ("sms", "07700900002", "permanent-failure"),
    ("sms", "+44 7700 900 002", "permanent-failure"),
    ("sms", "07700900003", "temporary-failure"),
    ("sms", FRENCH, "delivered"),
    ("sms", AMERICAN, "sent"),
    ("email", "perm-fail@simulator.notify", "permanent-failure"),
    ("email", "temp-fail@simulator.notify", "temporary-failure"),
    ("email", "jo@example.com", "delivered"),
]


@pytest.mark.parametrize(("channel", "to", "status"), TEST_KEY_OUTCOMES)
async def test_test_keys_never_reach_a_provider_and_end_as_the_contract_says(
    post, routes, channel, to, status
):
    identifier = await accept(post, channel, to=to, kind="test")
    await post.work(routes, rounds=2)
    row = await post.notification(identifier)
    assert (row["status"], routes.sms.ways[0].provider.messages, await post.outbox()) == (status, [], [])
    assert row["sent_at"] is not None
    assert row["billable_units"] == (1 if channel == "sms" else 0)


@pytest.mark.parametrize("to", [AMERICAN, FRENCH, JERSEY])
async def test_a_text_that_goes_abroad_is_sent_once_the_provider_took_it(post, routes, provider, to):
    identifier = await post.text(to)
    await post.work(routes)
    assert await post.status(identifier) == "sent"
    assert provider.messages[0].international


@pytest.mark.parametrize(("to", "status"), [(AMERICAN, "sent"), (FRENCH, "delivered"), (JERSEY, "delivered")])
async def test_receipts_count_only_where_networks_report_delivery(post, routes, provider, to, status):
    provider.answers = [Accepted(receipt="delivered")]
    identifier = await post.text(to)
    await post.work(routes, rounds=2)
    assert await post.status(identifier) == status
    assert await post.outbox() == []


@pytest.mark.parametrize(("kind", "status"), [("normal", "created"), ("test", "delivered")])
async def test_letters_stay_accepted_and_those_of_test_keys_are_received(post, routes, kind, status):
    identifier = await post.letter(kind)
    await post.work(routes)
    row = await post.notification(identifier)
    assert (row["status"], row["sent_at"], await post.outbox()) == (status, None, [])


async def test_the_version_that_was_accepted_is_sent_though_the_template_has_changed(post, routes, provider):
    await post.text(name="Jo")
    template = UUID(post.service.templates["sms"])
    await post.rows("update template set version = 2 where id = %s", template)
    await post.rows(
        "insert into template_version (template_id, version, name, content, archived, created_at)"
        " select template_id, 2, name, 'Changed', archived, created_at from template_version"
        " where template_id = %s",
        template,
    )
    post.store = Store.over(post.store.pool, post.store.seal)
    await post.work(routes)
    assert provider.messages[0].content == "deliverer: Hello Jo"
