"""A caught message in words for a page: all of it text, so that templates need no more than to put it in place."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.store.sandbox import CaughtMessage

_LONGEST_EXCERPT = 200
_NAMES = {"sms": "Text", "email": "Email", "letter": "Letter"}


@dataclass(frozen=True)
class Shown:
    """What a page shows of a message."""

    id: str
    notification_id: str
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
    moment: str
    time: str

    @classmethod
    def of(cls, message: CaughtMessage) -> "Shown":
        """Put a message into words."""
        to = _readable(message.recipient)
        caught_at = message.caught_at or datetime.now(UTC)
        return cls(
            id=str(message.id),
            notification_id=str(message.notification_id),
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
            moment=caught_at.astimezone(UTC).isoformat(),
            time=f"{caught_at.astimezone(UTC):%-d %B %Y, %H:%M:%S} UTC",
        )


def _readable(recipient: str) -> str:
    """Phone numbers with spaces in the usual places."""
    if not recipient.isdigit():
        return recipient
    try:
        return PhoneNumber.parse(f"+{recipient}").human_readable
    except InvalidRecipient:
        return recipient


def _excerpt(body: str) -> str:
    words = " ".join(body[: 4 * _LONGEST_EXCERPT].replace("=====", "").split())
    return words if len(words) <= _LONGEST_EXCERPT else f"{words[:_LONGEST_EXCERPT]}…"
