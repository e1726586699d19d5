"""Statuses move only along the contract's transitions, whatever comes twice, late or in the wrong order."""

import asyncio
from contextlib import suppress

import pytest
from psycopg.errors import DeadlockDetected

from pillarbox.delivery.posts import PostReader
from pillarbox.providers.base import Accepted, Unknown
from pillarbox.store.outbox import Settlement
from tests.support.delivering import MADE_UP

FINAL = ("delivered", "temporary-failure", "permanent-failure", "technical-failure")
REPORTED = ("delivered", "temporary-failure", "permanent-failure", "technical-failure", "pending")


def sent(claim, status="sending", **more):
    """What the end of a submission settles."""
    return Settlement(
        claim.id,
        claim.attempts,
        claim.notification_id,
        claim.created_at,
        **(
            {
                "status": status,
                "only_from": ("created",),
                "provider": "scripted",
                "provider_reference": "theirs",
                "billable_units": 1,
                "sent": True,
            }
            | more
        ),
    )


async def accept(post, channel):
    return await (post.text() if channel == "sms" else post.email())


async def put(post, identifier, status):
    """As if it had come so far."""
    await post.rows("update notification set status = %s where id = %s", status, identifier)
    await post.rows("delete from outbox")


async def settle(post, settlements):
    """As a worker does: again if the database chose it to give way."""
    while True:
        with suppress(DeadlockDetected):
            return await post.store.outbox.settle(settlements)


def moves():
    """From where a receipt moves a text or an email, by the contract's table (section 7)."""
    for channel, open_ones in (
        ("sms", {"created", "sending", "pending", "sent"}),
        ("email", {"sending", "pending"}),
    ):
        for before in ("created", "sending", "pending", "sent", *FINAL):
            for reported in REPORTED:
                yield channel, before, reported, before in open_ones


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_a_receipt_moves_a_message_only_from_the_statuses_that_are_open(post, routes, channel):
    table = [case for case in moves() if case[0] == channel]
    cases = []
    for _, before, reported, moved in table:
        identifier = await accept(post, channel)
        cases.append((identifier, before, reported, moved))
    await post.rows("delete from outbox")
    for identifier, before, reported, _ in cases:
        await post.rows("update notification set status = %s where id = %s", before, identifier)
        await post.receipt(identifier, reported)
    await post.work(routes)
    for identifier, before, reported, moved in cases:
        assert await post.status(identifier) == (reported if moved else before), (channel, before, reported)
    assert await post.outbox() == []


async def test_the_end_of_a_submission_does_not_take_back_a_receipt_that_was_quicker(post):
    identifier = await post.text()
    claim = await post.claim_one()
    await put(post, identifier, "delivered")
    await post.rows(
        "insert into outbox (id, kind, service_id, notification_id, notification_created_at, attempts)"
        " overriding system value values (%s, 'deliver', %s, %s, %s, 1)",
        claim.id,
        claim.service_id,
        claim.notification_id,
        claim.created_at,
    )
    await post.store.outbox.settle([sent(claim)])
    row = await post.notification(identifier)
    assert row["status"] == "delivered"
    assert (row["provider"], row["provider_reference"], row["billable_units"]) == ("scripted", "theirs", 1)
    assert row["sent_at"] is not None


async def while_locked(post, identifier, status, work):
    """Have a receipt under way, not committed yet, when `work` begins, and committed when it is waiting for it."""
    async with post.store.pool.connection() as connection, connection.transaction():
        await connection.execute(
            "update notification set status = %s, updated_at = now() where id = %s", [status, identifier]
        )
        working = asyncio.create_task(work)
        while not await post.rows("select 1 from pg_locks where not granted"):
            assert not working.done()
            await asyncio.sleep(0.01)
    await working


async def test_an_answer_that_meets_its_own_receipt_in_the_database_is_not_forgotten(post):
    identifier = await post.text()
    claim = await post.claim_one()
    settling = post.store.outbox.settle([sent(claim, event={"what": "attempt", "answer": "accepted"})])
    await while_locked(post, identifier, "pending", settling)
    row = await post.notification(identifier)
    assert (row["status"], row["provider"], row["billable_units"]) == ("pending", "scripted", 1)
    assert row["sent_at"] is not None
    assert [event["what"] for event in row["timeline"]] == ["attempt"]
    assert await post.outbox() == []


async def test_two_receipts_that_meet_in_the_database_are_both_noted_and_the_first_counts(post, routes):
    await post.call_back_at("https://example.com/told")
    identifier = await post.text()
    await post.work(routes)
    await post.receipt(identifier, "permanent-failure")
    reader = PostReader(post.store, MADE_UP)
    await while_locked(post, identifier, "delivered", reader.turn())
    row = await post.notification(identifier)
    assert row["status"] == "delivered"
    assert row["timeline"][-1]["status"] == "permanent-failure"
    assert await post.outbox("callback") == []


@pytest.mark.parametrize(
    "order", [("pending", "delivered", "delivered"), ("delivered", "pending", "temporary-failure")]
)
async def test_of_receipts_in_any_order_the_first_final_one_counts(post, routes, order):
    identifier = await post.text()
    await post.work(routes)
    for status in order:
        await post.receipt(identifier, status)
        await post.work(routes)
    assert await post.status(identifier) == "delivered"


async def test_a_repeated_receipt_changes_not_even_the_time_and_is_only_noted(post, routes):
    identifier = await post.text()
    await post.work(routes)
    await post.receipt(identifier, "delivered")
    await post.work(routes)
    first = await post.notification(identifier)
    await post.receipt(identifier, "delivered")
    await post.work(routes)
    second = await post.notification(identifier)
    before, after = first.pop("timeline"), second.pop("timeline")
    assert second == first
    assert after[:-1] == before
    assert after[-1]["status"] == "delivered"


async def test_two_moves_of_one_message_in_one_batch_are_made_one_after_the_other(post):
    identifier = await post.text()
    await queue_again(post, identifier)
    first, second = await post.store.outbox.claim(10)
    others = [await post.text(name=str(number)) for number in range(3)]
    rest = await post.store.outbox.claim(10)
    moved = sent(second, "delivered", only_from=("sending",))
    await post.store.outbox.settle([sent(first), *map(sent, rest), moved])
    assert await post.status(identifier) == "delivered"
    assert [await post.status(other) for other in others] == ["sending"] * 3
    assert await post.outbox() == []


async def queue_again(post, identifier):
    """As if a lost message had been found again."""
    await post.rows(
        "insert into outbox (kind, service_id, notification_id, notification_created_at)"
        " select 'deliver', service_id, id, created_at from notification where id = %s",
        identifier,
    )


async def test_workers_that_move_the_same_messages_crosswise_both_succeed(post, routes):
    """What they hold may lock the same rows in another order; a batch that lost is done again by its worker."""
    ids = [await post.text(name=str(number)) for number in range(40)]
    claims = await post.store.outbox.claim(100)
    for identifier in reversed(ids):
        await post.receipt(identifier, "delivered")

    async def apply() -> None:
        while True:
            with suppress(DeadlockDetected):
                await PostReader(post.store, MADE_UP).turn()
                return

    await asyncio.gather(settle(post, [sent(one) for one in claims]), apply())
    assert {await post.status(identifier) for identifier in ids} == {"delivered"}


async def test_a_receipt_that_the_provider_promised_comes_when_it_said(post, routes, provider):
    provider.answers = [Accepted(receipt="delivered", receipt_in=60.0)]
    identifier = await post.text()
    await post.work(routes)
    (row,) = await post.receipts()
    assert 58 < row["due_in"] <= 60
    assert row["said"] == {"reference": str(identifier), "status": "delivered"}


async def test_what_may_have_gone_out_is_not_sent_again_but_waits_for_a_receipt(post, routes, provider):
    provider.answers = [Unknown("connection lost")]
    identifier = await post.text()
    await post.work(routes)
    assert await post.status(identifier) == "sending"
    assert await post.outbox() == []
    await post.receipt(identifier, "delivered")
    await post.work(routes)
    assert await post.status(identifier) == "delivered"
    assert len(provider.messages) == 1
