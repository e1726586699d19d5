"""Keeps messages where the inbox finds them, and reports them delivered, unless a rule says otherwise."""

from collections.abc import Sequence
from typing import Literal

from pillarbox.messages.posts import ReceiptStatus
from pillarbox.providers.base import Accepted, Answer, EmailMessage, PlainProvider, SmsMessage
from pillarbox.providers.kinds import Keep, Kind, Options, Surroundings
from pillarbox.providers.sandbox.acting import Message, act
from pillarbox.rehearsal.posts import SandboxIntake
from pillarbox.rehearsal.rules import Rule, Scene, mistakes_in_all
from pillarbox.rehearsal.stage import Stage


class SandboxOptions(Options, frozen=True):
    """What an operator may set.

    Attributes:
        reports: whether messages are reported delivered at once, or nothing is ever heard of them.
        rules: what becomes of some messages instead; rules that are set at run time come before these.
    """

    reports: Literal["delivered", "never"] = "delivered"
    rules: tuple[Rule, ...] = ()

    def mistakes(self) -> Sequence[str]:
        """What is wrong with the rules."""
        return [f"rules: {mistake}" for mistake in mistakes_in_all(self.rules)]


class SandboxProvider(PlainProvider):
    """Takes texts and emails alike.

    It would recognise a message that comes twice, but does not say so: an answer that a rule loses is to be rehearsed
    as with the many providers that would not.

    Args:
        keep: stores a message.
        name: what the operator calls this sandbox.
        options: what becomes of messages.
        stage: where rules are found and counted; without one there are none.
    """

    def __init__(
        self,
        keep: Keep,
        name: str = "sandbox",
        options: SandboxOptions | None = None,
        stage: Stage | None = None,
    ) -> None:
        self.name = name
        self._keep = keep
        self._stage = stage
        options = options or SandboxOptions()
        self._rules = options.rules
        self._receipt: ReceiptStatus | None = None if options.reports == "never" else options.reports

    async def submit(self, message: SmsMessage | EmailMessage) -> Answer:
        """Do what a rule says; else keep the message and promise the receipt that the options want."""
        if self._stage is not None:
            rule = await self._stage.rule(self._scene(message), self._rules)
            if rule is not None:
                return await act(rule, message, self.name, self._keep, self._stage)
        await self._keep(message)
        return Accepted(reference=str(message.notification_id), receipt=self._receipt)

    def _scene(self, message: Message) -> Scene:
        if isinstance(message, SmsMessage):
            channel, text = "sms", message.content
        else:
            channel, text = "email", f"{message.subject}\n{message.plain}"
        return Scene(
            notification_id=message.notification_id,
            provider=self.name,
            channel=channel,
            recipient=message.to,
            service_id=message.service_id,
            template_id=message.template_id,
            text=text,
        )


def _make(name: str, options: SandboxOptions, surroundings: Surroundings) -> SandboxProvider:
    return SandboxProvider(surroundings.keep, name, options, surroundings.stage)


SANDBOX = Kind(
    "sandbox",
    frozenset({"sms", "email"}),
    SandboxOptions,
    _make,
    intake=lambda name, _options: SandboxIntake(name),
)
