"""Statuses, outcomes and times in words for a page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.rehearsal.rules import Outcome

Mood = Literal["good", "wait", "bad"]

OUTCOMES: dict[Outcome, str] = {
    "temporary-failure": "Temporary failure",
    "permanent-failure": "Permanent failure",
    "technical-failure": "Technical failure",
    "delivered": "Delivered",
    "pending-then-delivered": "Pending, then delivered",
    "no-receipt": "Nothing is ever heard of it",
    "busy": "The provider is busy",
    "rejected": "The provider refuses it",
    "unknown": "The provider’s answer is lost",
    "unknown-then-delivered": "The provider’s answer is lost, then delivered",
}
_STATUSES: dict[str, tuple[str, Mood]] = {
    "created": ("Waiting", "wait"),
    "sending": ("Sending", "wait"),
    "sent": ("Sent", "good"),
    "pending": ("Pending", "wait"),
    "delivered": ("Delivered", "good"),
    "temporary-failure": ("Temporary failure", "bad"),
    "permanent-failure": ("Permanent failure", "bad"),
    "technical-failure": ("Technical failure", "bad"),
}


@dataclass(frozen=True)
class Moment:
    """A point in time, for programs and for people."""

    iso: str
    words: str

    @classmethod
    def of(cls, time: datetime) -> "Moment":
        """Put a time into words; its zone becomes UTC."""
        time = time.astimezone(UTC)
        return cls(time.isoformat(), f"{time:%-d %B %Y, %H:%M:%S} UTC")


def status(name: str) -> tuple[str, Mood]:
    """Return a status in words, and how it makes people feel."""
    return _STATUSES.get(name, (name.replace("-", " ").capitalize(), "wait"))


def readable(recipient: str) -> str:
    """Phone numbers with spaces in the usual places."""
    if not recipient.isdigit():
        return recipient
    try:
        return PhoneNumber.parse(f"+{recipient}").human_readable
    except InvalidRecipient:
        return recipient


def seconds(number: float) -> str:
    """Say how long: `1 second`, `2.5 seconds`."""
    return f"{number:g} second" if number == 1 else f"{number:g} seconds"
