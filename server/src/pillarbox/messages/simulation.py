"""What becomes of messages that were sent with a test key (public API contract, section 6)."""

from typing import Final

from pillarbox.messages.posts import ReceiptStatus

_TEXT_ENDINGS: Final[dict[str, ReceiptStatus]] = {
    "7700900002": "permanent-failure",
    "7700900003": "temporary-failure",
}
_ADDRESSES: Final[dict[str, ReceiptStatus]] = {
    "perm-fail@simulator.notify": "permanent-failure",
    "temp-fail@simulator.notify": "temporary-failure",
}


def text_outcome(normalised: str) -> ReceiptStatus:
    """Return the final status of a text to a number in digits with its country code."""
    return _TEXT_ENDINGS.get(normalised[-10:], "delivered")


def email_outcome(address: str) -> ReceiptStatus:
    """Return the final status of an email."""
    return _ADDRESSES.get(address.lower(), "delivered")
