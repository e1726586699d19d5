"""The parts of the notification table: days of London, without gaps."""

import asyncio
import itertools
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pillarbox.messages.london import midnight
from pillarbox.store.partitions import ensure_days, ensure_days_ahead, partitions, uncovered

SUMMER = date(2026, 7, 1)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


def utc_days(first, count):
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return [(start + timedelta(days=n), start + timedelta(days=n + 1)) for n in range(count)]


@given(DAYS, st.integers(0, 20), DAYS, st.integers(0, 20), st.booleans())
def test_with_what_is_there_the_days_are_covered_once_each(first, count, other, more, utc):
    last = first + timedelta(days=count)
    taken = utc_days(other, more) if utc else list(uncovered([], other, other + timedelta(days=more)))
    added = list(uncovered(taken, first, last))
    edges = sorted([*added, *taken])
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(edges))
    begin = midnight(first)
    for piece_begin, piece_end in edges:
        if piece_begin <= begin < piece_end:
            begin = piece_end
    assert begin >= midnight(last + timedelta(days=1))


async def test_a_day_begins_at_midnight_in_london_in_summer_and_in_winter(store):
    async with store.pool.connection() as connection:
        await ensure_days(connection, SUMMER, SUMMER)
        await ensure_days(connection, date(2026, 1, 1), date(2026, 1, 1))
        made = {there.name: (there.first, there.end) for there in await partitions(connection)}
    assert made["notification_20260701"] == tuple(
        datetime(2026, *day, 23, tzinfo=UTC) for day in ((6, 30), (7, 1))
    )
    assert made["notification_20260101"] == (midnight(date(2026, 1, 1)), midnight(date(2026, 1, 2)))


async def test_days_of_utc_that_older_versions_made_are_gone_on_from(store):
    async with store.pool.connection() as connection:
        for begin, end in utc_days(SUMMER, 2):
            name = f"notification_{begin:%Y%m%d}"
            await connection.execute(
                f"create table {name} partition of notification for values from ('{begin}') to ('{end}')"
            )
        for _ in range(2):
            await ensure_days(connection, SUMMER - timedelta(days=1), SUMMER + timedelta(days=4))
        there = [one for one in await partitions(connection) if one.first < midnight(SUMMER) + timedelta(5)]
    assert all(before.end == after.first for before, after in itertools.pairwise(there))
    assert there[0].first == midnight(SUMMER - timedelta(days=1))
    assert there[-1].end == midnight(SUMMER + timedelta(days=5))


async def test_tomorrow_is_ready_whatever_the_time_of_the_year(store):
    night = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # already July in London
    async with store.pool.connection() as connection:
        await ensure_days_ahead(connection, night)
        names = {there.name for there in await partitions(connection)}
    assert {"notification_20260630", "notification_20260701", "notification_20260704"} <= names


async def test_many_may_make_the_same_days_at_once(store):
    async def make():
        async with store.pool.connection() as connection:
            await ensure_days(connection, SUMMER, SUMMER + timedelta(days=3))

    await asyncio.gather(*(make() for _ in range(4)))
