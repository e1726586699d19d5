"""Statuses, the moves between them, and how callers see them (public API contract, sections 4 and 7)."""

from typing import Final

FAILED: Final = (
    "technical-failure",
    "temporary-failure",
    "permanent-failure",
    "validation-failed",
    "virus-scan-failed",
    "returned-letter",
)

COMPLETED: Final = frozenset(
    {
        "sent",
        "delivered",
        "failed",
        "technical-failure",
        "temporary-failure",
        "permanent-failure",
        "returned-letter",
        "cancelled",
        "validation-failed",
    }
)

# What services are told of, of texts and emails (contract, section 8).
CALLED_BACK: Final = ("delivered", "permanent-failure", "temporary-failure", "technical-failure", "sent")

FILTERS: Final = (
    "cancelled",
    "created",
    "sending",
    "sent",
    "delivered",
    "pending",
    "failed",
    "technical-failure",
    "temporary-failure",
    "permanent-failure",
    "pending-virus-check",
    "validation-failed",
    "virus-scan-failed",
    "returned-letter",
    "accepted",
    "received",
)

_GROUPS: Final = {"failed": FAILED, "accepted": ("created", "sending"), "received": ("delivered",)}
_LETTERS: Final = {
    "created": "accepted",
    "sending": "accepted",
    "delivered": "received",
    "returned-letter": "received",
}
_OPEN_TO_RECEIPTS: Final = {
    "sms": ("created", "sending", "pending", "sent"),
    "email": ("sending", "pending"),
    "letter": ("created", "sending"),
}


def shown(status: str, channel: str) -> str:
    """Return the status that callers see for a stored one."""
    return _LETTERS.get(status, status) if channel == "letter" else status


def meant_by(filters: tuple[str, ...]) -> tuple[str, ...]:
    """Return the stored statuses that a list's filters stand for."""
    return tuple(dict.fromkeys(status for name in filters for status in _GROUPS.get(name, (name,))))


def open_to_receipts(channel: str) -> tuple[str, ...]:
    """Return the statuses from which a receipt may still move a message."""
    return _OPEN_TO_RECEIPTS[channel]


def after_handing_over(channel: str, *, international: bool) -> str:
    """Return the status of a message that its provider has just taken."""
    return "sent" if channel == "sms" and international else "sending"
