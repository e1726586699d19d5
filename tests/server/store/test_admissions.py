"""Messages and their limits in one statement: stored and counted, or neither."""

import asyncio
import uuid

from pillarbox.store.allowances import bucket_of, today
from pillarbox.store.idempotency import Answered, Claim
from pillarbox.store.ids import new_id
from pillarbox.store.notifications import NewNotification

MANY = 1_000_000


def message(service, **more) -> NewNotification:
    identifier, created_at = new_id()
    return NewNotification(
        id=identifier,
        created_at=created_at,
        service_id=uuid.UUID(service.id),
        channel="sms",
        key_type="normal",
        api_key_id=uuid.uuid4(),
        template_id=uuid.UUID(service.templates["sms"]),
        template_version=1,
        recipient="07900900123",
        **more,
    )


async def admit(store, new: list[NewNotification], *, per_minute: int = MANY, most: int = MANY):
    """Whether each got its token and its place, and whether it was stored with them."""
    limits = [
        (bucket_of(one.service_id, "normal", per_minute), today(one.service_id, "sms", most)) for one in new
    ]
    answers = await asyncio.gather(
        *(store.admissions.add(one, *limit) for one, limit in zip(new, limits, strict=True))
    )
    return [(allowed.entirely, fate == "stored") for allowed, fate in answers]


async def count(store, table: str) -> int:
    async with store.pool.connection() as connection:
        cursor = await connection.execute(f"select count(*) from {table}")
        row = await cursor.fetchone()
    return int(row[0])


async def places(store) -> int:
    async with store.pool.connection() as connection:
        cursor = await connection.execute("select coalesce(sum(count), 0) from daily_count")
        row = await cursor.fetchone()
    return int(row[0])


async def test_messages_below_their_limits_are_stored_queued_and_counted(store, service) -> None:
    assert await admit(store, [message(service) for _ in range(20)]) == [(True, True)] * 20
    assert await count(store, "notification") == await count(store, "outbox") == await places(store) == 20


async def test_a_message_of_a_test_key_takes_no_place(store, service) -> None:
    new = message(service)
    allowed, fate = await store.admissions.add(new, bucket_of(new.service_id, "test", MANY), None)
    assert (allowed.entirely, fate) == (True, "stored")
    assert await places(store) == 0


async def test_a_limit_stops_those_above_it_and_leaves_the_storing_of_the_others_to_their_callers(
    store, service
) -> None:
    answers = await admit(store, [message(service) for _ in range(10)], most=4)
    assert answers == [(True, False)] * 4 + [(False, False)] * 6
    assert await count(store, "notification") == 0
    assert await places(store) == 4


async def test_a_message_that_is_too_fast_takes_no_place(store, service) -> None:
    assert await admit(store, [message(service) for _ in range(3)], per_minute=3) == [
        (True, False),
        (False, False),
        (False, False),
    ]
    assert await places(store) == 1


async def test_a_message_that_cannot_be_stored_counts_and_stops_nobody_else(store, service) -> None:
    new = [message(service, reference="a\0b" if number == 1 else None) for number in range(3)]
    assert await admit(store, new) == [(True, True), (True, False), (True, True)]
    assert await count(store, "notification") == 2
    assert await places(store) == 3


async def test_with_an_idempotency_key_only_a_claim_that_holds_is_stored(store, service) -> None:
    first = Claim(uuid.UUID(service.id), "key", b"1" * 32, uuid.uuid4())
    await store.idempotency_keys.claim(first)
    holds, lapsed = (
        message(service, idempotency_key="key", fingerprint=b"1" * 32, claim=claim, answer="{}")
        for claim in (first.claim, uuid.uuid4())
    )
    assert await admit(store, [lapsed, message(service)]) == [(True, False), (True, True)]
    assert await admit(store, [holds, message(service)]) == [(True, True), (True, True)]
    found = [await store.notifications.find(one.service_id, one.id) for one in (holds, lapsed)]
    assert [one is not None for one in found] == [True, False]
    assert await store.idempotency_keys.claim(first) == Answered(b"{}")


async def test_a_limit_that_ran_out_is_remembered(store) -> None:
    one = uuid.uuid4()
    full, ample = today(one, "sms", 0), today(one, "email", 5)
    await asyncio.gather(*(store.allowances.take(None, place) for place in (full, ample)))
    bucket = bucket_of(one, "normal", MANY)
    assert store.allowances.ran_out(bucket, full)
    assert not store.allowances.ran_out(bucket, ample)
    raised = today(one, "sms", 5)  # a limit that was raised is another one
    assert not store.allowances.ran_out(bucket, raised)


async def test_a_limit_is_ample_again_as_soon_as_somebody_passes(store) -> None:
    place = today(uuid.uuid4(), "sms", 1)
    bucket = bucket_of(place.service_id, "normal", MANY)
    for _ in range(2):
        await store.allowances.take(None, place)
    assert store.allowances.ran_out(bucket, place)
    await store.allowances.give_back(place)
    await store.allowances.take(None, place)
    assert not store.allowances.ran_out(bucket, place)
