"""Tokens and places against a model of them: filling up, taking, refusing, giving back."""

import asyncio
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pillarbox.messages.limits import bucket_size, passing
from pillarbox.store.allowances import Allowed, Bucket, Place, today

_ON_ONE_DATABASE = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def bucket(per_minute: int) -> Bucket:
    return Bucket(uuid.uuid4(), "normal", bucket_size(per_minute), per_minute)


async def take(
    store, times: int, *, bucket: Bucket | None = None, place: Place | None = None
) -> list[Allowed]:
    return await asyncio.gather(*(store.allowances.take(bucket, place) for _ in range(times)))


async def rewind(store, owner: Bucket, tokens: int, seconds: float) -> None:
    """As if the bucket had held so many tokens, so many seconds ago."""
    async with store.pool.connection() as connection:
        await connection.execute(
            "update rate_bucket set tokens = %s, filled_at = clock_timestamp() - make_interval(secs => %s) "
            "where service_id = %s",
            [tokens, seconds, owner.service_id],
        )


async def held(store, owner: Bucket) -> tuple[int, float]:
    """The tokens of a bucket, and for how many seconds it has been filling the next."""
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "select tokens, extract(epoch from clock_timestamp() - filled_at)::float from rate_bucket "
            "where service_id = %s",
            [owner.service_id],
        )
        row = await cursor.fetchone()
    return int(row[0]), float(row[1])


@pytest.mark.parametrize(("per_minute", "passes"), [(300, 100), (3, 1), (30, 10), (0, 0), (1, 1), (2, 1)])
async def test_a_rested_service_may_send_one_less_than_its_bucket_holds(store, per_minute, passes) -> None:
    owner = bucket(per_minute)
    answers = await take(store, passes + 5, bucket=owner)
    assert sum(answer.passes for answer in answers) == passes
    assert [answer.passes for answer in answers] == [True] * passes + [False] * 5  # in the order they came


@_ON_ONE_DATABASE
@given(
    per_minute=st.sampled_from([1, 6, 30, 60, 600, 3000]),
    tokens=st.integers(0, 1000),
    whole=st.integers(0, 2000),
    asked=st.integers(1, 30),
)
async def test_buckets_fill_by_whole_tokens_and_keep_the_rest_of_the_time(
    store, per_minute, tokens, whole, asked
) -> None:
    owner = bucket(per_minute)
    one_token = 60 / per_minute
    await take(store, 1, bucket=owner)
    start = min(tokens, owner.size)
    # A third of a token is over: far enough from the next for the time that the test itself takes.
    await rewind(store, owner, start, (whole + 1 / 3) * one_token)
    answers = await take(store, asked, bucket=owner)
    left, waited = await held(store, owner)
    filled = min(owner.size, start + whole)
    if per_minute == 3000:  # a token in 20 ms: some may have come while the test was looking
        assert filled - asked <= left <= owner.size or left == 0
        return
    assert sum(answer.passes for answer in answers) == passing(filled, asked)
    assert left == max(0, filled - asked)
    assert {answer.tokens for answer in answers} == {left}
    full = start + whole >= owner.size
    assert waited == pytest.approx(0 if full else one_token / 3, abs=0.06)


async def test_a_clock_that_was_set_back_gives_and_takes_nothing(store) -> None:
    owner = bucket(30)
    await take(store, 3, bucket=owner)
    await rewind(store, owner, 5, -3600)
    await take(store, 1, bucket=owner)
    assert (await held(store, owner))[0] == 4


@_ON_ONE_DATABASE
@given(
    most=st.integers(1, 20),
    steps=st.lists(st.tuples(st.booleans(), st.integers(1, 12)), min_size=1, max_size=8),
)
async def test_places_never_go_over_the_limit_and_come_back(store, most, steps) -> None:
    place = today(uuid.uuid4(), "sms", most)
    used = 0
    for taking, times in steps:
        if taking:
            placed = [answer.placed for answer in await take(store, times, place=place)]
            got = min(times, most - used)
            assert placed == [True] * got + [False] * (times - got)
            used += got
        else:
            await store.allowances.give_back(place, min(times, used))
            used -= min(times, used)
    assert await counted(store, place) == used


async def counted(store, place: Place) -> int:
    async with store.pool.connection() as connection:
        cursor = await connection.execute(
            "select coalesce(sum(count), 0) from daily_count where service_id = %s and channel = %s",
            [place.service_id, place.channel],
        )
        row = await cursor.fetchone()
    return int(row[0])


async def test_many_places_are_taken_as_far_as_there_are_any(store) -> None:
    place = today(uuid.uuid4(), "email", 10)
    assert await store.allowances.take_places(place, 7) == 7
    assert await store.allowances.take_places(place, 7) == 3
    assert await store.allowances.take_places(place, 7) == 0
    assert await counted(store, place) == 10


async def test_a_request_that_is_too_fast_takes_no_place(store) -> None:
    owner, place = bucket(0), today(uuid.uuid4(), "sms", 10)
    answers = await take(store, 5, bucket=owner, place=place)
    assert not any(answer.passes for answer in answers)
    assert await counted(store, place) == 0


async def test_services_channels_and_days_are_counted_apart(store) -> None:
    one = uuid.uuid4()
    places = [today(one, "sms", 1), today(one, "email", 1), today(uuid.uuid4(), "sms", 1)]
    answers = await asyncio.gather(*(store.allowances.take(None, place) for place in places * 2))
    assert [answer.placed for answer in answers] == [True] * 3 + [False] * 3


async def test_a_limit_that_changes_while_requests_come_upsets_nobody(store) -> None:
    """For a moment some requests know the old settings and others the new, and all go out together."""
    one = uuid.uuid4()
    places = [today(one, "sms", 5), today(one, "sms", 50)] * 4
    answers = await asyncio.gather(*(store.allowances.take(None, place) for place in places))
    assert 4 <= sum(answer.placed for answer in answers) <= 8
    buckets = [Bucket(one, "normal", 11, 30), Bucket(one, "normal", 1000, 3000)] * 4
    answers = await asyncio.gather(*(store.allowances.take(bucket, None) for bucket in buckets))
    assert all(answer.passes for answer in answers)
