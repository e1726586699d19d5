"""The form of requests, checked as the server does before it looks anything up (contract, section 2)."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple
from uuid import UUID

Rule = Callable[[str, Any], Optional[str]]
Form = Tuple[Mapping[str, Rule], Tuple[str, ...]]

LONGEST_REFERENCE = 1000
SHORTEST_NUMBER, LONGEST_NUMBER = 8, 15
UK_DIGITS = 10
FEWEST_LINES, MOST_LINES = 3, 7
_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@(?:[^\s@.]+\.)+[^\s@.]{2,}")
_STATUSES: Tuple[str, ...] = (
    "cancelled", "created", "sending", "sent", "delivered", "pending", "failed", "technical-failure",
    "temporary-failure", "permanent-failure", "pending-virus-check", "validation-failed", "virus-scan-failed",
    "returned-letter", "accepted", "received",
)  # fmt: skip
_TYPES = ("sms", "email", "letter")


def shown(value: Any) -> str:
    """Write a value as error messages do: like Python, without single quotes."""
    return repr(value).replace("'", "")


def text(name: str, value: Any) -> Optional[str]:
    """Any text."""
    return None if isinstance(value, str) else f"{name} {shown(value)} is not of type string"


def reference(name: str, value: Any) -> Optional[str]:
    """Text of at most 1000 characters."""
    wrong = text(name, value)
    if wrong is None and len(value) > LONGEST_REFERENCE:
        return f"{name} {shown(value)} is too long"
    return wrong


def uuid(name: str, value: Any) -> Optional[str]:
    """Whatever reads as a UUID."""
    try:
        UUID(value)
    except (AttributeError, TypeError, ValueError):
        return f"{name} is not a valid UUID"
    return None


def mapping(name: str, value: Any) -> Optional[str]:
    """An object."""
    return None if isinstance(value, dict) else f"{name} {shown(value)} is not of type object"


def list_or_null(name: str, value: Any) -> Optional[str]:
    """A list or null."""
    if value is None or isinstance(value, list):
        return None
    return f"{name} {shown(value)} is not of type array, null"


def https_url(name: str, value: Any) -> Optional[str]:
    """A URL that starts with https."""
    good = isinstance(value, str) and re.fullmatch(r"https://[^\s]+", value)
    return None if good else f"{name} is not a valid https url"


def email_address(name: str, value: Any) -> Optional[str]:
    """Something like an address; the server knows more."""
    wrong = text(name, value)
    if wrong is None and not _EMAIL.fullmatch(value.strip()):
        return f"{name} Not a valid email address"
    return wrong


def phone_number(name: str, value: Any) -> Optional[str]:
    """Something like a number: its characters, and how many digits; the server knows more."""
    wrong = text(name, value)
    if wrong is not None:
        return wrong
    mistake = _phone_mistake(value)
    return f"{name} {mistake}" if mistake else None


def postage(name: str, value: Any) -> Optional[str]:
    """One of three."""
    wrong = text(name, value)
    if wrong is None and value not in {"first", "second", "economy"}:
        return f"{name} invalid. It must be either first, second or economy."
    return wrong


def scheduled_for(name: str, value: Any) -> Optional[str]:
    """A moment within the next 24 hours, or null; its offset is dropped."""
    if value is None:
        return None
    if not isinstance(value, str):
        return f"{name} {shown(value)} is not of type string, null"
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=timezone.utc)
    except ValueError:
        standard = "https://en.wikipedia.org/wiki/ISO_8601"
        return f"{name} datetime format is invalid. It must be a valid ISO8601 date time format, {standard}"
    now = datetime.now(timezone.utc)
    if moment < now:
        return f"{name} datetime can not be in the past"
    too_far = moment > now + timedelta(hours=24)
    return f"{name} datetime can only be 24 hours in the future" if too_far else None


def one_of(*choices: str) -> Rule:
    """One of a list."""

    def rule(name: str, value: Any) -> Optional[str]:
        return None if value in choices else f"{name} {value} is not one of [{', '.join(choices)}]"

    return rule


FORMS: Dict[str, Form] = {
    "sms": (
        {
            "reference": reference,
            "phone_number": phone_number,
            "template_id": uuid,
            "personalisation": mapping,
            "scheduled_for": scheduled_for,
            "sms_sender_id": uuid,
        },
        ("phone_number", "template_id"),
    ),
    "email": (
        {
            "reference": reference,
            "email_address": email_address,
            "template_id": uuid,
            "personalisation": mapping,
            "scheduled_for": scheduled_for,
            "email_reply_to_id": uuid,
            "one_click_unsubscribe_url": https_url,
            "sanitise_content_for": list_or_null,
        },
        ("email_address", "template_id"),
    ),
    "letter": (
        {"reference": reference, "template_id": uuid, "personalisation": mapping},
        ("template_id", "personalisation"),
    ),
    "precompiled": (
        {"reference": text, "content": text, "postage": postage},
        ("reference", "content"),
    ),
}
LIST_FORM: Mapping[str, Rule] = {
    "reference": text,
    "status": one_of(*_STATUSES),
    "template_type": one_of(*_TYPES),
    "include_jobs": one_of("true", "True"),
    "older_than": uuid,
}


def mistakes_in(kind: str, body: Any) -> List[str]:
    """Check the body of a request.

    Args:
        kind: which form: `sms`, `email`, `letter` or `precompiled`.
        body: the decoded JSON.

    Returns:
        The messages of the server's ValidationErrors, in its order; empty if the form is right.
    """
    body = body or {}
    if not isinstance(body, dict):
        return [f"{shown(body)} is not of type object"]
    return list(_mistakes(*FORMS[kind], body))


def mistakes_in_query(pairs: List[Tuple[str, str]]) -> List[str]:
    """Check the query of a list of notifications; like `mistakes_in`."""
    found = [
        wrong
        for name, rule in LIST_FORM.items()
        for given, value in pairs
        if given == name
        for wrong in [rule(name, value)]
        if wrong
    ]
    return found + _unexpected({name for name, _ in pairs} - set(LIST_FORM))


def is_base64(content: str) -> bool:
    """Whether a letter's content can be decoded; other characters are skipped."""
    try:
        base64.b64decode(content)
    except (binascii.Error, ValueError):
        return False
    return True


def _mistakes(rules: Mapping[str, Rule], required: Tuple[str, ...], body: Mapping[str, Any]) -> Iterator[str]:
    for name, rule in rules.items():
        wrong = rule(name, body[name]) if name in body else None
        if wrong:
            yield wrong
    for name in required:
        if name not in body:
            yield f"{name} is a required property"
    yield from _unexpected(set(body) - set(rules))


def mistakes_in_address(values: Mapping[str, Any]) -> List[str]:
    """Count the lines of a letter's address, which the server does once it has the template."""
    last = "address_line_7" if "address_line_7" in values else "postcode"
    names = [*(f"address_line_{number}" for number in range(1, 7)), last]
    lines = [line for name in names for line in str(values.get(name) or "").splitlines() if line.strip()]
    if len(lines) < FEWEST_LINES:
        return ["Address must be at least 3 lines"]
    return ["Address must be no more than 7 lines"] if len(lines) > MOST_LINES else []


def _unexpected(names: Any) -> List[str]:
    if not names:
        return []
    verb = "was" if len(names) == 1 else "were"
    return [f"Additional properties are not allowed ({', '.join(sorted(names))} {verb} unexpected)"]


def _phone_mistake(number: str) -> Optional[str]:
    if not re.fullmatch(r"[\d\s+()\-]*", number):
        return "Must not contain letters or symbols"
    digits = re.sub(r"\D", "", number).lstrip("0")
    is_national = number.strip().startswith("0") and not number.strip().startswith("00")
    is_uk = is_national or digits.startswith(("44", "7"))
    national = digits[2:].lstrip("0") if digits.startswith("44") else digits
    least, most = (UK_DIGITS, UK_DIGITS) if is_uk else (SHORTEST_NUMBER, LONGEST_NUMBER)
    if len(national) < least:
        return "Not enough digits"
    return "Too many digits" if len(national) > most else None
