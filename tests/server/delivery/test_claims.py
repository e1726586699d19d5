"""Each due row is one worker's at a time."""

import asyncio
from collections import Counter

import pytest

from pillarbox.store.outbox import LEASE_SECONDS, Settlement


def settlement(claim, **more):
    return Settlement(claim.id, claim.attempts, claim.notification_id, claim.created_at, **more)


async def test_each_row_is_claimed_once_however_many_ask_at_once(post):
    ids = [await post.text(name=str(number)) for number in range(60)]
    batches = await asyncio.gather(*(post.store.outbox.claim(7) for _ in range(20)))
    times = Counter(claim.notification_id for batch in batches for claim in batch)
    assert max(times.values()) == 1
    rest = await post.store.outbox.claim(100)
    assert set(times) | {claim.notification_id for claim in rest} == set(ids)
    assert sum(times.values()) + len(rest) == 60


async def test_a_claim_brings_the_message_and_counts_the_attempt(post):
    identifier = await post.text(name="Zoë")
    claim = await post.claim_one()
    assert (claim.notification_id, claim.attempts, claim.status) == (identifier, 1, "created")
    assert (claim.recipient, claim.personalisation, claim.reference) == (
        "07700900123",
        {"name": "Zoë"},
        "ours",
    )


async def test_what_is_claimed_is_nobody_else_s_until_the_lease_runs_out(post):
    await post.text()
    first = await post.claim_one()
    assert await post.store.outbox.claim(10) == []
    (row,) = await post.outbox()
    assert LEASE_SECONDS - 2 < row["due_in"] <= LEASE_SECONDS
    await post.make_all_due()
    second = await post.claim_one()
    assert (second.id, second.attempts) == (first.id, 2)


async def test_a_renewed_lease_keeps_others_away(post):
    await post.text()
    claim = await post.claim_one()
    await post.rows("update outbox set due = clock_timestamp() + interval '0.2 s'")
    await post.store.outbox.renew([claim])
    await asyncio.sleep(0.4)
    assert await post.store.outbox.claim(10) == []


async def test_a_claim_that_somebody_else_has_by_now_is_not_renewed(post):
    await post.text()
    lost = await post.claim_one()
    await post.make_all_due()
    await post.claim_one()
    await post.make_all_due()
    await post.store.outbox.renew([lost])
    assert len(await post.store.outbox.claim(10)) == 1


async def test_renewing_late_does_not_shorten_the_wait_for_a_retry(post):
    await post.text()
    claim = await post.claim_one()
    await post.store.outbox.settle([settlement(claim, again_in=300.0)])
    await post.store.outbox.renew([claim])
    (row,) = await post.outbox()
    assert row["due_in"] > 290


@pytest.mark.parametrize(
    "fate",
    [
        {"status": "sending", "only_from": ("created",), "sent": True, "provider": "late"},
        {"status": "technical-failure", "only_from": ("created",), "tell": True},
        {"again_in": 300.0},
        {"receipt": "delivered"},
    ],
)
async def test_a_settlement_of_a_lost_claim_writes_nothing(post, fate):
    identifier = await post.text()
    await post.call_back_at("https://example.com")
    lost = await post.claim_one()
    await post.make_all_due()
    await post.claim_one()
    before = await post.notification(identifier), await post.rows("select * from outbox")
    await post.store.outbox.settle([settlement(lost, **fate)])
    assert (await post.notification(identifier), await post.rows("select * from outbox")) == before


async def test_a_retry_that_meets_a_renewal_in_the_database_is_put_back_for_its_time(post):
    await post.text()
    claim = await post.claim_one()
    async with post.store.pool.connection() as other, other.transaction():
        await other.execute("update outbox set due = clock_timestamp() + interval '10 s'")  # as renewing does
        retry = asyncio.create_task(
            post.store.outbox.settle([settlement(claim, again_in=300.0, payload={"failed": "relay"})])
        )
        await asyncio.sleep(0.3)
        assert not retry.done()
    await retry
    (row,) = await post.outbox()
    assert 290 < row["due_in"] <= 300
    await post.make_all_due()
    assert (await post.claim_one()).payload == {"failed": "relay"}


async def test_people_who_wait_for_a_code_come_before_bulk_sends(post):
    bulk = [await post.text(name=str(number)) for number in range(3)]
    await post.rows("update outbox set lane = 1, due = due - interval '1 hour'")
    single = await post.text()
    assert [claim.notification_id for claim in await post.store.outbox.claim(1)] == [single]
    assert {claim.notification_id for claim in await post.store.outbox.claim(5)} == set(bulk)


async def test_rows_that_were_tried_very_often_stop_nobody(post):
    """A counter at its end must not make the claiming of all others fail."""
    stuck, identifier = await post.text(), await post.text()
    await post.rows("update outbox set attempts = 32767 where notification_id = %s", stuck)
    claimed = {claim.notification_id for claim in await post.store.outbox.claim(10)}
    assert identifier in claimed
