"""What every provider is: it takes a message and gives one of four answers (design, section 5)."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SmsMessage:
    """A text, ready to go: `to` in digits with the country code, `content` with the service's name in front."""

    notification_id: UUID
    service_id: UUID
    to: str
    content: str
    sender: str | None
    international: bool
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class EmailMessage:
    """An email, ready to go."""

    notification_id: UUID
    service_id: UUID
    from_name: str
    from_address: str
    to: str
    subject: str
    plain: str
    html: str
    reply_to: str | None = None
    reference: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it. `receipt` is a status that the provider already knows will be reported."""

    reference: str | None = None
    receipt: str | None = None
    receipt_in: float = 0.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refused it and always will."""

    reason: str


@dataclass(frozen=True, slots=True)
class Busy:
    """The provider did not take it now; the message certainly did not go out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether the provider took it: the connection broke after everything was said."""

    reason: str


Answer = Accepted | Rejected | Busy | Unknown


class SmsProvider(Protocol):
    """A way out for texts."""

    name: str

    async def submit(self, message: SmsMessage) -> Answer:
        """Hand a text over; never raises for what a provider or a network may do."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class EmailProvider(Protocol):
    """A way out for emails."""

    name: str

    async def submit(self, message: EmailMessage) -> Answer:
        """Hand an email over; never raises for what a provider or a network may do."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
