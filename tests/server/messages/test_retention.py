"""How long messages are kept."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from pillarbox.messages.london import midnight_days_ago
from pillarbox.messages.patience import given_up_before, lost_between
from pillarbox.messages.retention import Kept, keeping

SERVICE = uuid.uuid4()
NIGHT = datetime(2026, 7, 8, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "since"),
    [
        (NIGHT, datetime(2026, 6, 30, 23, tzinfo=UTC)),
        (datetime(2026, 11, 26, 3, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC)),
        (datetime(2026, 4, 2, 3, tzinfo=UTC), datetime(2026, 3, 26, tzinfo=UTC)),  # before clocks changed
        (datetime(2026, 10, 28, 3, tzinfo=UTC), datetime(2026, 10, 20, 23, tzinfo=UTC)),
    ],
)
def test_messages_are_kept_from_a_midnight_of_london_seven_days_ago(now, since):
    assert keeping(now, []).since == since
    assert keeping(now, []).latest == since


@pytest.mark.parametrize(("said", "days"), [(3, 3), (30, 30), (90, 90), (0, 3), (-5, 3), (1000, 90)])
def test_a_service_may_keep_them_for_three_to_ninety_days(said, days):
    kept = keeping(NIGHT, [(SERVICE, {"email": said})])
    assert kept.otherwise == (Kept(SERVICE, "email", midnight_days_ago(NIGHT, days)),)
    assert kept.since == midnight_days_ago(NIGHT, 7)


@pytest.mark.parametrize("said", [7, None, "30", 3.5, [], {}])
def test_what_says_nothing_means_seven_days(said):
    assert keeping(NIGHT, [(SERVICE, {"sms": said})]).otherwise == ()


def test_what_is_younger_than_the_least_that_anyone_keeps_is_kept_by_all():
    kept = keeping(NIGHT, [(SERVICE, {"sms": 3, "email": 90})])
    assert kept.latest == midnight_days_ago(NIGHT, 3)


def test_receipts_are_waited_for_for_three_days_and_lost_messages_looked_for_within_a_week():
    assert NIGHT - given_up_before(NIGHT) == timedelta(hours=72)
    assert [NIGHT - moment for moment in lost_between(NIGHT)] == [timedelta(days=7), timedelta(hours=1)]
