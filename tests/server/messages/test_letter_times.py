from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.messages.bank_holidays import is_working_day
from pillarbox.messages.letter_times import can_be_cancelled, collection_day, letter_times, print_day_text
from pillarbox.messages.london import to_london
from pillarbox.messages.postage import Postage

MOMENTS = st.builds(datetime.combine, st.dates(date(2018, 1, 1), date(2100, 1, 1)), st.times(), st.just(UTC))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("created_at", "postage", "printed_by", "earliest", "latest"),
    [
        ("2026-08-19T10:00:05", "first", "2026-08-20T14:00:05", "2026-08-21T15:00:05", "2026-08-21T15:00:05"),
        (
            "2026-08-19T16:30:00",
            "second",
            "2026-08-21T14:00:00",
            "2026-08-27T15:00:00",
            "2026-08-28T15:00:00",
        ),
        ("2026-08-20T10:00:00", "first", "2026-08-21T14:00:00", "2026-08-22T15:00:00", "2026-08-22T15:00:00"),
        (
            "2025-12-24T10:00:00",
            "europe",
            "2025-12-29T15:00:00",
            "2026-01-05T16:00:00",
            "2026-01-07T16:00:00",
        ),
        (
            "2026-01-31T21:41:00",
            "economy",
            "2026-02-02T15:00:00",
            "2026-02-06T16:00:00",
            "2026-02-11T16:00:00",
        ),
        (
            "2026-01-17T17:30:01",
            "rest-of-world",
            "2026-01-19T15:00:01",
            "2026-01-27T16:00:01",
            "2026-01-29T16:00:01",
        ),
    ],
)
def test_letters_are_printed_on_the_next_working_day_and_take_their_days_of_post(
    created_at, postage, printed_by, earliest, latest
):
    times = letter_times(utc(created_at), postage)
    assert (times.printed_by, times.earliest_delivery, times.latest_delivery) == (
        utc(printed_by),
        utc(earliest),
        utc(latest),
    )


def test_an_unknown_postage_is_refused():
    with pytest.raises(ValueError, match="airmail"):
        letter_times(utc("2026-08-19T10:00:00"), "airmail")


@given(MOMENTS, st.sampled_from(Postage))
def test_letters_are_printed_and_delivered_at_their_hours_on_working_days(created_at, postage):
    times = letter_times(created_at, postage)
    printed, earliest, latest = map(
        to_london, (times.printed_by, times.earliest_delivery, times.latest_delivery)
    )
    assert (printed.hour, earliest.hour, latest.hour) == (15, 16, 16)
    assert created_at < times.printed_by < times.earliest_delivery <= times.latest_delivery
    assert is_working_day(printed.date())
    assert is_working_day(latest.date(), on_saturdays=postage is Postage.FIRST)


@pytest.mark.parametrize(
    ("created_at", "day"),
    [
        ("2026-08-19T16:30:00", "2026-08-19"),
        ("2026-08-19T16:30:00.000001", "2026-08-20"),
        ("2026-01-14T17:30:00", "2026-01-14"),
        ("2026-12-31T18:00:00", "2027-01-01"),
        ("2026-08-19T23:30:00", "2026-08-20"),
    ],
)
def test_letters_after_half_past_five_are_collected_the_next_day(created_at, day):
    assert collection_day(utc(created_at)).isoformat() == day


@pytest.mark.parametrize(
    ("created_at", "now", "possible"),
    [
        ("2026-08-19T10:00:00", "2026-08-19T16:29:59", True),
        ("2026-08-19T10:00:00", "2026-08-19T16:30:00", False),
        ("2026-08-19T16:30:59", "2026-08-19T16:31:00", False),
        ("2026-08-19T16:31:00", "2026-08-19T16:31:30", True),
        ("2026-08-19T16:31:00", "2026-08-20T16:29:59", True),
        ("2026-08-19T16:31:00", "2026-08-20T16:30:00", False),
        ("2026-08-19T10:00:00", "2026-08-20T00:00:00", False),
        ("2026-08-21T17:00:00", "2026-08-23T10:00:00", False),
        ("2026-12-31T18:00:00", "2027-01-01T17:00:00", True),
    ],
)
def test_letters_can_be_cancelled_until_they_are_collected(created_at, now, possible):
    assert can_be_cancelled("created", utc(created_at), utc(now)) is possible


@pytest.mark.parametrize(
    ("status", "possible"),
    [("created", True), ("pending-virus-check", True), ("sending", False), ("cancelled", False), ("", False)],
)
def test_only_letters_that_nobody_has_touched_can_be_cancelled(status, possible):
    assert can_be_cancelled(status, utc("2026-08-19T10:00:00"), utc("2026-08-19T11:00:00")) is possible


@pytest.mark.parametrize(
    ("created_at", "now", "text"),
    [
        ("2026-08-19T10:00:00", "2026-08-19T17:00:00", "today"),
        ("2026-08-19T10:00:00", "2026-08-20T11:00:00", "on 19 August"),
        ("2026-08-19T16:31:00", "2026-08-20T17:00:00", "today"),
        ("2026-08-19T16:31:00", "2026-08-21T11:00:00", "on 20 August"),
    ],
)
def test_people_are_told_on_which_day_a_letter_is_printed(created_at, now, text):
    assert print_day_text(utc(created_at), utc(now)) == text


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=5)))
def test_a_letter_once_too_late_to_cancel_stays_so(created_at, age):
    if not can_be_cancelled("created", created_at, created_at + age):
        assert not can_be_cancelled("created", created_at, created_at + age + timedelta(hours=3))
