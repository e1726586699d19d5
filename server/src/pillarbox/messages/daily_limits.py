"""Daily limits: what is counted under which name, and what callers are told."""

from datetime import UTC, datetime


def daily_limit_key(service_id: str, channel: str, key_type: str, now: datetime) -> str:
    """The name under which a service's messages of one day, by UTC, and one channel are counted.

    Test keys look at a count of their own. Contract: public API, "Daily limits".
    """
    test = "test-" if key_type == "test" else ""
    return f"{service_id}-{test}{channel}-{now.astimezone(UTC):%Y-%m-%d}-count"


def daily_limit_message(channel: str, limit: int) -> str:
    """What a caller is told who is over a limit; the channel may be ``international_sms``."""
    return f"Exceeded send limits ({channel}: {limit}) for today"
