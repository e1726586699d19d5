"""Sending many messages: what goes in and what comes out (see `NotificationsAPIClient.send_many`)."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple, TypedDict, Union

from notifications_python_client.errors import APIError


class _Required(TypedDict):
    template_id: str


class Message(_Required, total=False):
    """One message: a text if it has `phone_number`, an email if it has `email_address`, else a letter."""

    phone_number: str
    email_address: str
    personalisation: Mapping[str, Any]
    reference: str
    sms_sender_id: str
    email_reply_to_id: str
    one_click_unsubscribe_url: str
    sanitise_content_for: Iterable[str]


class Outcome(NamedTuple):
    """What became of one message.

    Attributes:
        index: its place among the messages, from 0.
        id: the accepted message's id; None if it was refused or its fate is unknown.
        status_code: the HTTP status; 503 also if no answer came.
        errors: why it was refused, as `{"error", "message"}` objects.
        final: False if sending the same again may do better; a run that goes on does so.
        earlier: whether this was read from the result file.
    """

    index: int  # type: ignore[assignment] # in the place of a method of tuples that says where a value is
    id: Optional[str]
    status_code: int
    errors: List[Dict[str, Any]]
    final: bool
    earlier: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the server took the message."""
        return self.id is not None


class Progress(NamedTuple):
    """How far a bulk send is; `total` is None if the number of messages is not known beforehand."""

    done: int
    accepted: int
    refused: int
    total: Optional[int]
    seconds: float

    @property
    def per_second(self) -> float:
        """Messages a second so far."""
        return self.done / self.seconds if self.seconds else 0.0


class SendingStoppedError(Exception):
    """A bulk send ended early: key refused, daily limit reached, or server not to be reached.

    Call `send_many` again with the same messages and result file to go on.

    Attributes:
        outcomes: those of the messages that were tried, in order.
        reason: the error that ended it.
    """

    def __init__(self, reason: APIError, outcomes: List[Outcome]) -> None:
        super().__init__(reason, outcomes)
        self.reason = reason
        self.outcomes = outcomes

    def __str__(self) -> str:
        return f"Stopped after {len(self.outcomes)} messages: {self.reason}"


_COMMON = ("template_id", "personalisation", "reference")
_FIELDS: Dict[str, Tuple[str, ...]] = {
    "sms": ("phone_number", *_COMMON, "sms_sender_id"),
    "email": (
        "email_address",
        *_COMMON,
        "email_reply_to_id",
        "one_click_unsubscribe_url",
        "sanitise_content_for",
    ),
    "letter": _COMMON,
}


def channel_of(message: Mapping[str, Any]) -> str:
    """Say how a message goes out, and check that it has no fields that are not its channel's.

    Raises:
        ValueError: an unknown field, both kinds of recipient, or no template.
    """
    channel = "sms" if "phone_number" in message else "email" if "email_address" in message else "letter"
    unknown = message.keys() - _FIELDS[channel]
    if unknown:
        raise ValueError(f"A message by {channel} has no {', '.join(sorted(unknown))}")
    if "template_id" not in message:
        raise ValueError("A message needs a template_id")
    return channel


def fields_of(message: Mapping[str, Any], channel: str) -> Dict[str, Any]:
    """Give the arguments of a message that goes out by a channel, those that are missing as None."""
    return {name: message.get(name) for name in _FIELDS[channel]}


Messages = Union[Iterable[Message], Iterable[Mapping[str, Any]]]
