"""A caught message in words for a page: all of it text, so that templates need no more than to put it in place."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pillarbox.inbox import words
from pillarbox.store.sandbox import CaughtMessage, Fate

_LONGEST_EXCERPT = 200
_NAMES = {"sms": "Text", "email": "Email", "letter": "Letter"}
_REFUSALS: dict[str, tuple[str, words.Mood]] = {
    "busy": ("Busy: tried again later", "wait"),
    "rejected": ("Refused", "bad"),
}


@dataclass(frozen=True)
class Shown:
    """What a page shows of a message."""

    id: str
    notification_id: str
    service_id: str
    channel: str
    kind: str
    recipient: str
    to: str
    sender: str
    reference: str
    title: str
    subject: str
    excerpt: str
    body: str
    lines: list[str]
    has_html: bool
    source: str
    moment: words.Moment
    status: str
    mood: str
    taken: bool

    @classmethod
    def of(cls, message: CaughtMessage, fate: Fate | None = None) -> "Shown":
        """Put a message into words."""
        to = words.readable(message.recipient)
        status, mood = _status(message, fate)
        return cls(
            id=str(message.id),
            notification_id=str(message.notification_id),
            service_id=str(message.service_id),
            channel=message.channel,
            kind=_NAMES.get(message.channel, message.channel),
            recipient=message.recipient,
            to=to,
            sender=message.sender or "",
            reference=message.reference or "",
            title=message.subject or f"Text to {to}",
            subject=message.subject or "",
            excerpt=_excerpt(message.body),
            body=message.body,
            lines=message.body.split("\n"),
            has_html=message.html is not None,
            source=message.source or "",
            moment=words.Moment.of(message.caught_at or datetime.now(UTC)),
            status=status,
            mood=mood,
            taken=message.refusal is None,
        )


def _status(message: CaughtMessage, fate: Fate | None) -> tuple[str, str]:
    if fate is not None and fate.status != "created":
        return words.status(fate.status)
    if message.refusal is not None:
        return _REFUSALS.get(message.refusal, (message.refusal, "wait"))
    return ("", "") if fate is None else words.status(fate.status)


def _excerpt(body: str) -> str:
    found = " ".join(body[: 4 * _LONGEST_EXCERPT].replace("=====", "").split())
    return found if len(found) <= _LONGEST_EXCERPT else f"{found[:_LONGEST_EXCERPT].rstrip()}…"
