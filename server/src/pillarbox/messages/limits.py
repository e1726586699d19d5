"""How much a service may send: buckets of requests, messages a day (public API contract, section 5)."""

from math import ceil

LARGEST_BUCKET = 1000
LIVE_DEFAULTS = {"email": 250_000, "sms": 250_000, "letter": 20_000, "international_sms": 100}

_SHOWN_KEY_TYPES = {"normal": "LIVE", "team": "TEAM", "test": "TEST"}


def bucket_size(per_minute: int) -> int:
    """Return how many tokens a full bucket holds; one of them always stays."""
    return min(ceil(per_minute / 3) + 1, LARGEST_BUCKET)


def passing(tokens: int, asked: int) -> int:
    """Return how many of so many requests pass: each takes a token, and one must be left afterwards."""
    return max(0, min(asked, tokens - 1))


def seconds_until_next(tokens: int, per_minute: int) -> int:
    """Return the whole seconds after which a request would pass again."""
    if per_minute <= 0:
        return 24 * 60 * 60
    return max(1, ceil((2 - tokens) * 60 / per_minute)) if tokens < 2 else 0


def rate_limit_message(key_type: str, per_minute: int) -> str:
    """Return what a caller is told whose bucket is empty."""
    shown = _SHOWN_KEY_TYPES[key_type]
    return f"Exceeded rate limit for key type {shown} of {per_minute} requests per 60 seconds"
