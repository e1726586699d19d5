"""Keeps messages where the inbox finds them, and reports them delivered."""

from collections.abc import Awaitable, Callable

from pillarbox.providers.base import Accepted, Answer, EmailMessage, SmsMessage

Keep = Callable[[SmsMessage | EmailMessage], Awaitable[None]]


class SandboxProvider:
    """Takes texts and emails alike; `keep` stores one."""

    name = "sandbox"

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def submit(self, message: SmsMessage | EmailMessage) -> Answer:
        """Keep a message and promise that it will be reported delivered."""
        await self._keep(message)
        return Accepted(reference=str(message.notification_id), receipt="delivered")

    async def close(self) -> None:
        """There is nothing to let go of."""
