"""What every provider is: it takes a message and gives one of four answers (architecture, "From the outbox").

A provider never raises for what a network or the other side may do: whatever happens is one of the answers.
"""

from typing import Protocol
from uuid import UUID

import msgspec

from pillarbox.messages.posts import ReceiptStatus


class SmsMessage(msgspec.Struct, frozen=True):
    """A text, ready to go: `to` in digits with the country code, `content` with the service's name in front."""

    notification_id: UUID
    service_id: UUID
    to: str
    content: str
    sender: str | None
    international: bool
    reference: str | None = None
    template_id: UUID | None = None


class EmailMessage(msgspec.Struct, frozen=True):
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
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    template_id: UUID | None = None


class Accepted(msgspec.Struct, frozen=True):
    """The provider took it.

    Attributes:
        reference: the provider's own reference, if it gave one.
        receipts_name_it: whether the provider's receipts name that reference instead of the notification's id.
        receipt: a status that the provider already knows will be reported, `receipt_in` seconds from now.
        code: the provider's code for that status, if it comes of an answer (a relay's 5.1.1: nobody has this address).
        reason: the provider's words for it, without the recipient's address.
    """

    reference: str | None = None
    receipt: ReceiptStatus | None = None
    receipt_in: float = 0.0
    receipts_name_it: bool = False
    code: str | None = None
    reason: str | None = None


class Rejected(msgspec.Struct, frozen=True):
    """The provider refused it and always will: `reason` and `code` are the provider's."""

    reason: str
    code: str | None = None


class Busy(msgspec.Struct, frozen=True):
    """The provider did not take it now; the message certainly did not go out.

    Attributes:
        again_in: after how many seconds the provider wants to be asked again, if it says.
        our_fault: whether the provider is well and only this message has to wait (it counts for no circuit).
    """

    reason: str
    code: str | None = None
    again_in: float | None = None
    our_fault: bool = False


class Unknown(msgspec.Struct, frozen=True):
    """Nobody can say whether the provider took it: the connection broke after everything was said."""

    reason: str


Answer = Accepted | Rejected | Busy | Unknown


class LookUpError(Exception):
    """The provider did not say whether it has a message."""


class Provider(Protocol):
    """What all providers have in common.

    Attributes:
        name: what the operator calls it; unique.
        recognises: whether the same notification handed over twice goes out once (it knows our reference).
    """

    name: str
    recognises: bool

    async def open(self) -> None:
        """Get ready: start what has to run beside. It does not wait for the other side and raises nothing."""
        ...

    async def close(self) -> None:
        """Let go of connections, once what is in hand is finished."""
        ...

    async def probe(self) -> str | None:
        """Ask the other side for a sign of life without sending anything; None if it is well, else what is wrong."""
        ...

    async def look_up(self, notification_id: UUID) -> Accepted | None:
        """Ask whether it has taken a message; None if it has not.

        Raises:
            LookUpError: if it did not say.
        """
        ...

    @property
    def can_look_up(self) -> bool:
        """Whether `look_up` gives an answer that can be relied on."""
        ...


class SmsProvider(Provider, Protocol):
    """A way out for texts."""

    async def submit(self, message: SmsMessage) -> Answer:
        """Hand a text over."""
        ...


class EmailProvider(Provider, Protocol):
    """A way out for emails."""

    async def submit(self, message: EmailMessage) -> Answer:
        """Hand an email over."""
        ...


class PlainProvider:
    """What a provider does that needs nothing beside, cannot be asked, and promises nothing."""

    recognises = False
    can_look_up = False

    async def open(self) -> None:
        """There is nothing to start."""

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def probe(self) -> str | None:
        """It is always well."""
        return None

    async def look_up(self, notification_id: UUID) -> Accepted | None:  # noqa: ARG002 - there is nobody to ask
        """Nobody can be asked."""
        return None
