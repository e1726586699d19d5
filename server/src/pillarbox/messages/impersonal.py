"""Other people's words without the people in them: relays and gateways like to quote whom a message was for."""

import re

_LONGEST = 300
_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f]+")
_PEOPLE = re.compile(r"[^\s<>]+@[^\s<>]+|\+?\d{7,}")


def impersonal(words: str) -> str:
    """Return the beginning of what somebody said on one line, without email addresses and telephone numbers."""
    return _PEOPLE.sub("…", _BREAKS.sub(" ", words[:_LONGEST])).strip()
