"""What becomes of messages that were sent with a test key (public API contract, section 6)."""

_TEXT_ENDINGS = {"7700900002": "permanent-failure", "7700900003": "temporary-failure"}
_ADDRESSES = {
    "perm-fail@simulator.notify": "permanent-failure",
    "temp-fail@simulator.notify": "temporary-failure",
}


def text_outcome(normalised: str) -> str:
    """Return the final status of a text to a number in digits with its country code."""
    return _TEXT_ENDINGS.get(normalised[-10:], "delivered")


def email_outcome(address: str) -> str:
    """Return the final status of an email."""
    return _ADDRESSES.get(address.lower(), "delivered")
