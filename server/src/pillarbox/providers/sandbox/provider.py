"""Keeps messages where the inbox finds them, and reports them delivered."""

from typing import Literal

from pillarbox.messages.posts import ReceiptStatus
from pillarbox.providers.base import Accepted, Answer, EmailMessage, PlainProvider, SmsMessage
from pillarbox.providers.kinds import Keep, Kind, Options, Surroundings


class SandboxOptions(Options, frozen=True):
    """What an operator may set.

    Attributes:
        reports: whether messages are reported delivered at once, or nothing is ever heard of them.
    """

    reports: Literal["delivered", "never"] = "delivered"


class SandboxProvider(PlainProvider):
    """Takes texts and emails alike; `keep` stores one."""

    recognises = True

    def __init__(self, keep: Keep, name: str = "sandbox", options: SandboxOptions | None = None) -> None:
        self.name = name
        self._keep = keep
        reports = (options or SandboxOptions()).reports
        self._receipt: ReceiptStatus | None = None if reports == "never" else reports

    async def submit(self, message: SmsMessage | EmailMessage) -> Answer:
        """Keep a message and promise the receipt that the options want."""
        await self._keep(message)
        return Accepted(reference=str(message.notification_id), receipt=self._receipt)


def _make(name: str, options: SandboxOptions, surroundings: Surroundings) -> SandboxProvider:
    return SandboxProvider(surroundings.keep, name, options)


SANDBOX = Kind("sandbox", frozenset({"sms", "email"}), SandboxOptions, _make)
