"""What a request asks the inbox for, read from its arguments."""

from datetime import UTC, datetime

import msgspec
from starlette.datastructures import QueryParams

from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.store.sandbox import Search

LONGEST_WAIT = 60.0  # seconds
_KNOWN = ("to", "channel", "reference", "since", "refused", "wait", "token")
_CHANNELS = ("sms", "email", "letter")


class BadQueryError(ValueError):
    """An argument is wrong; the message names it."""


class Query(msgspec.Struct, frozen=True):
    """Which messages are meant, how long to wait for one, and how the recipient was written."""

    search: Search
    wait: float
    to: str


def read(arguments: QueryParams) -> Query:
    """Read the arguments; empty ones count as absent.

    Raises:
        BadQueryError: one is unknown, given twice, or holds what it cannot mean.
    """
    for name in arguments:
        if name not in _KNOWN:
            raise BadQueryError(f"{name} is not known: arguments are {', '.join(_KNOWN)}")
        if len(arguments.getlist(name)) > 1:
            raise BadQueryError(f"{name} is given twice")
        if "\0" in arguments[name]:
            raise BadQueryError(f"{name} holds a character that no message has")
    given = {name: value.strip() for name, value in arguments.items() if value.strip()}
    channel = given.get("channel")
    if channel is not None and channel not in _CHANNELS:
        raise BadQueryError(f"channel is {channel!r} but must be one of {', '.join(_CHANNELS)}")
    to = given.get("to")
    search = Search(
        to=to and _comparable(to),
        channel=channel,
        reference=given.get("reference"),
        since=_since(given.get("since")),
        refused=_truth("refused", given.get("refused", "false")),
    )
    return Query(search, _wait(given.get("wait")), to or "")


def _comparable(to: str) -> str:
    """Phone numbers in the form in which they are caught, however they are written."""
    try:
        return PhoneNumber.parse(to).normalised
    except InvalidRecipient:
        return to


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQueryError(f"since is {text!r} but must be a time such as 2026-11-22T09:30:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _truth(name: str, text: str) -> bool:
    if text not in {"true", "false"}:
        raise BadQueryError(f"{name} is {text!r} but must be true or false")
    return text == "true"


def _wait(text: str | None) -> float:
    wrong = BadQueryError(f"wait must be a number of seconds from 0 to {LONGEST_WAIT:.0f}")
    try:
        wait = float(text or 0)
    except ValueError:
        raise wrong from None
    if not 0 <= wait <= LONGEST_WAIT:
        raise wrong
    return wait
