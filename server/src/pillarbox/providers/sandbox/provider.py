"""Keeps messages where the inbox finds them, and reports them delivered."""

from pillarbox.providers.base import Accepted, Answer, EmailMessage, PlainProvider, SmsMessage
from pillarbox.providers.kinds import Keep, Kind, Options, Surroundings


class SandboxProvider(PlainProvider):
    """Takes texts and emails alike; `keep` stores one."""

    recognises = True

    def __init__(self, keep: Keep, name: str = "sandbox") -> None:
        self.name = name
        self._keep = keep

    async def submit(self, message: SmsMessage | EmailMessage) -> Answer:
        """Keep a message and promise that it will be reported delivered."""
        await self._keep(message)
        return Accepted(reference=str(message.notification_id), receipt="delivered")


def _make(name: str, _options: Options, surroundings: Surroundings) -> SandboxProvider:
    return SandboxProvider(surroundings.keep, name)


SANDBOX = Kind("sandbox", frozenset({"sms", "email"}), Options, _make)
