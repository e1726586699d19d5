"""Idempotency keys: claimed once, answered again, taken over when their first request died."""

import asyncio
import uuid

import pytest

from pillarbox.store.idempotency import Answered, Claim, UnderWayError, UsedOtherwiseError
from pillarbox.store.ids import new_id
from pillarbox.store.notifications import ClaimLapsedError, NewNotification

BODY, OTHER = b"1" * 32, b"2" * 32


def message(service, claim: Claim | None = None, **more) -> NewNotification:
    identifier, created_at = new_id()
    row = NewNotification(
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
    if claim is not None:
        row.idempotency_key, row.claim, row.fingerprint = claim.key, claim.claim, claim.fingerprint
        row.answer = '{"id": 1}'
    return row


def wanted(service, fingerprint: bytes = BODY, key: str = "key") -> Claim:
    return Claim(uuid.UUID(service.id), key, fingerprint, uuid.uuid4())


async def claim(store, service, fingerprint: bytes = BODY, key: str = "key") -> Claim | Answered:
    ours = wanted(service, fingerprint, key)
    return await store.idempotency_keys.claim(ours) or ours


async def age(store, seconds: float) -> None:
    async with store.pool.connection() as connection:
        await connection.execute(
            "update idempotency set claimed_at = claimed_at - make_interval(secs => %s)", [seconds]
        )


async def rows(store, table: str = "notification") -> int:
    async with store.pool.connection() as connection:
        cursor = await connection.execute(f"select count(*) from {table}")
        row = await cursor.fetchone()
    return int(row[0])


async def test_while_the_first_request_is_under_way_others_are_told_so(store, service) -> None:
    assert isinstance(await claim(store, service), Claim)
    with pytest.raises(UnderWayError):
        await claim(store, service)
    with pytest.raises(UsedOtherwiseError):
        await claim(store, service, OTHER)


async def test_of_many_who_claim_at_once_one_gets_it(store, service) -> None:
    claims = await asyncio.gather(*(claim(store, service) for _ in range(30)), return_exceptions=True)
    assert sum(isinstance(one, Claim) for one in claims) == 1
    assert sum(isinstance(one, UnderWayError) for one in claims) == 29


async def test_the_answer_comes_with_the_message_and_is_given_again(store, service) -> None:
    ours = await claim(store, service)
    await store.notifications.add(message(service, ours))
    assert await claim(store, service) == Answered(b'{"id": 1}')
    with pytest.raises(UsedOtherwiseError):
        await claim(store, service, OTHER)
    assert await rows(store) == 1


async def test_a_key_that_is_released_is_free(store, service) -> None:
    await store.idempotency_keys.release(await claim(store, service))
    assert isinstance(await claim(store, service, OTHER), Claim)


async def test_an_answered_key_cannot_be_released(store, service) -> None:
    ours = await claim(store, service)
    await store.notifications.add(message(service, ours))
    await store.idempotency_keys.release(ours)
    assert isinstance(await claim(store, service), Answered)


@pytest.mark.parametrize(("seconds", "free"), [(30, False), (41, True)])
async def test_a_claim_without_an_answer_lapses(store, service, seconds, free) -> None:
    await claim(store, service)
    await age(store, seconds)
    if free:
        assert isinstance(await claim(store, service), Claim)
    else:
        with pytest.raises(UnderWayError):
            await claim(store, service)


async def test_whoever_lost_its_claim_stores_nothing(store, service) -> None:
    late = await claim(store, service)
    await age(store, 41)
    ours = await claim(store, service)
    with pytest.raises(ClaimLapsedError):
        await store.notifications.add(message(service, late))
    assert await rows(store) == 0
    assert await rows(store, "outbox") == 0
    await store.notifications.add(message(service, ours))
    assert await rows(store) == 1


async def test_a_message_may_take_its_key_as_it_is_stored(store, service) -> None:
    await store.notifications.add(message(service, wanted(service)))
    assert await claim(store, service) == Answered(b'{"id": 1}')
    with pytest.raises(UsedOtherwiseError):
        await claim(store, service, OTHER)


@pytest.mark.parametrize("fingerprint", [BODY, OTHER])
@pytest.mark.parametrize("answered", [True, False])
async def test_a_message_whose_key_is_taken_is_not_stored(store, service, fingerprint, answered) -> None:
    first = wanted(service)
    if answered:
        await store.notifications.add(message(service, first))
    else:
        await store.idempotency_keys.claim(first)
    before = await rows(store)
    with pytest.raises(ClaimLapsedError):
        await store.notifications.add(message(service, wanted(service, fingerprint)))
    assert await rows(store) == before
    if not answered:
        await store.notifications.add(message(service, first))


async def test_of_many_messages_with_one_key_at_once_one_is_stored(store, service) -> None:
    adding = (store.notifications.add(message(service, wanted(service))) for _ in range(30))
    outcomes = await asyncio.gather(*adding, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ClaimLapsedError) for outcome in outcomes) == 29
    assert await rows(store) == 1


@pytest.mark.parametrize(("seconds", "free"), [(30, False), (41, True)])
async def test_a_message_takes_over_a_key_whose_claim_lapsed(store, service, seconds, free) -> None:
    await claim(store, service)
    await age(store, seconds)
    [outcome] = await asyncio.gather(
        store.notifications.add(message(service, wanted(service, OTHER))), return_exceptions=True
    )
    assert isinstance(outcome, ClaimLapsedError) != free
    assert await rows(store) == free


async def test_after_a_day_a_key_may_be_used_for_anything(store, service) -> None:
    await store.notifications.add(message(service, await claim(store, service)))
    await age(store, 24 * 3600 - 60)
    assert isinstance(await claim(store, service), Answered)
    await age(store, 120)
    assert isinstance(await claim(store, service, OTHER), Claim)


async def test_old_keys_are_forgotten(store, service) -> None:
    await claim(store, service, key="old")
    await age(store, 25 * 3600)
    await claim(store, service, key="new")
    assert await store.idempotency_keys.forget_old() == 1
    assert await rows(store, "idempotency") == 1
