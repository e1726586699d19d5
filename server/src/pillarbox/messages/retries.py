"""When a message that a provider did not take is tried again (public API contract, section 7)."""

MOST_RETRIES = 48
MOST_CALLBACK_RETRIES = 5
CALLBACK_RETRY_SECONDS = 300.0
_INTERVAL = 300.0  # seconds


def wait_before_retry(channel: str, attempts: int) -> float | None:
    """Return the seconds until the next try after so many attempts; None when there have been enough.

    Texts are tried again at once the first time, since another provider may take them.
    """
    if attempts > MOST_RETRIES:
        return None
    return 0.0 if channel == "sms" and attempts == 1 else _INTERVAL
