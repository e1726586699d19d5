from datetime import UTC, datetime, timedelta, timezone

import pytest

from pillarbox.messages.daily_limits import daily_limit_key, daily_limit_message

LATE = datetime(2026, 8, 19, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "key_type", "now", "key"),
    [
        ("sms", "normal", LATE, "id-sms-2026-08-19-count"),
        ("sms", "team", LATE + timedelta(seconds=1), "id-sms-2026-08-20-count"),
        ("letter", "test", LATE, "id-test-letter-2026-08-19-count"),
        ("international_sms", "normal", LATE, "id-international_sms-2026-08-19-count"),
        ("email", "normal", LATE.astimezone(timezone(timedelta(hours=1))), "id-email-2026-08-19-count"),
    ],
)
def test_messages_are_counted_by_day_in_utc_and_test_keys_apart(channel, key_type, now, key):
    assert daily_limit_key("id", channel, key_type, now) == key


def test_callers_are_told_which_limit_they_met():
    assert daily_limit_message("sms", 50) == "Exceeded send limits (sms: 50) for today"
