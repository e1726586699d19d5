"""How long a message may stay as it is before the clock does something about it (public API contract, section 7)."""

from datetime import datetime, timedelta

SILENCE = timedelta(hours=72)
STUCK_SECONDS = 600.0  # work that could have been done so long ago is news to whoever runs the installation
_LOST_AFTER = timedelta(hours=1)
_LOST_UNTIL = timedelta(days=7)


def given_up_before(now: datetime) -> datetime:
    """Return since when a message must have been there for no receipt to be expected any more."""
    return now - SILENCE


def lost_between(now: datetime) -> tuple[datetime, datetime]:
    """Return when a message was created, at the earliest and the latest, that is queued again if nobody has it."""
    return now - _LOST_UNTIL, now - _LOST_AFTER
