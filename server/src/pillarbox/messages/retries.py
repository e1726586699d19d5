"""When a message that a provider did not take is tried again (public API contract, section 7)."""

MOST_RETRIES = 48
MOST_CALLBACK_RETRIES = 5
CALLBACK_RETRY_SECONDS = 300.0
_INTERVAL = 300.0  # seconds
_LONG_ENOUGH = 4 * 3600.0  # seconds for which a provider may say itself when it wants to be asked again


def wait_before_retry(channel: str, attempts: int) -> float | None:
    """Return the seconds until the next try after so many attempts; None when there have been enough.

    Texts are tried again at once the first time, since another provider may take them.
    """
    if attempts > MOST_RETRIES:
        return None
    return 0.0 if channel == "sms" and attempts == 1 else _INTERVAL


def wait_as_asked(asked: float | None, age: float) -> float | None:
    """Return the seconds that a provider wants us to wait; None if it did not say, or has said so for too long.

    Such a wait counts for none of the retries: a provider that wants to be asked every second would use them up within
    a minute.

    Args:
        asked: what it said.
        age: seconds since the message was accepted.
    """
    if asked is None or age > _LONG_ENOUGH:
        return None
    return min(max(asked, 0.0), _INTERVAL)
