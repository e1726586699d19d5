from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pillarbox.messages.london import (
    api_time,
    financial_year,
    financial_year_of,
    from_london,
    midnight,
    midnight_days_ago,
    report_time,
    to_london,
)

MOMENTS = st.builds(datetime.combine, st.dates(date(1950, 1, 1), date(2200, 1, 1)), st.times(), st.just(UTC))
DAYS = st.dates(date(1950, 1, 1), date(2200, 1, 1))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "clock"),
    [
        ("2026-01-15T12:00:00", "2026-01-15 12:00:00"),
        ("2026-07-01T23:30:00", "2026-07-02 00:30:00"),
        ("2026-03-29T00:59:59", "2026-03-29 00:59:59"),
        ("2026-03-29T01:00:00", "2026-03-29 02:00:00"),
        ("2026-10-25T00:59:59", "2026-10-25 01:59:59"),
        ("2026-10-25T01:00:00", "2026-10-25 01:00:00"),
    ],
)
def test_reports_show_what_clocks_in_london_show(moment, clock):
    assert report_time(utc(moment)) == clock


@pytest.mark.parametrize(
    ("clock", "moment"),
    [
        ("2026-07-01T00:30:00", "2026-06-30T23:30:00"),
        ("2026-10-25T01:30:00", "2026-10-25T00:30:00"),
        ("2026-03-29T01:30:00", "2026-03-29T01:30:00"),
    ],
)
def test_hours_that_come_twice_or_never_are_read_one_way(clock, moment):
    assert from_london(datetime.fromisoformat(clock)) == utc(moment)


@pytest.mark.parametrize(
    ("now", "days", "moment"),
    [
        ("2026-08-19T23:30:00", 0, "2026-08-18T23:00:00"),
        ("2026-04-02T12:00:00", 7, "2026-03-26T00:00:00"),
        ("2026-01-02T00:00:00", 1, "2026-01-01T00:00:00"),
    ],
)
def test_retention_ends_at_london_midnight_of_a_day_in_utc(now, days, moment):
    assert midnight_days_ago(utc(now), days) == utc(moment)


def test_a_financial_year_starts_on_the_first_of_april_in_london():
    first, last = financial_year(2026)
    assert (api_time(first), api_time(last)) == ("2026-03-31T23:00:00.000000Z", "2027-03-31T22:59:59.999999Z")


@given(MOMENTS)
def test_every_moment_lies_within_its_financial_year(moment):
    first, last = financial_year(financial_year_of(moment))
    assert first <= moment <= last


@given(MOMENTS)
@example(datetime(1999, 10, 31, tzinfo=UTC))
def test_london_is_never_more_than_an_hour_from_utc(moment):
    clock = to_london(moment)
    # By way of UTC: Python holds a clock in an hour that comes twice to be equal to nothing in another zone (PEP 495).
    assert clock.astimezone(UTC) == moment
    assert timedelta() <= clock.utcoffset() <= timedelta(hours=1)
    assert datetime.fromisoformat(api_time(moment)) == moment


@given(DAYS)
def test_a_day_begins_at_its_midnight(day):
    start = to_london(midnight(day))
    assert (start.date(), start.hour, start.minute) == (day, 0, 0)
    assert to_london(midnight(day) - timedelta(seconds=1)).date() == day - timedelta(days=1)
