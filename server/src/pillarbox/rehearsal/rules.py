"""Rules: which messages are meant, and what becomes of them in place of being delivered at once."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import isfinite
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec
from msgspec import Meta

from pillarbox.messages.posts import ReceiptStatus
from pillarbox.rehearsal.patterns import Pattern

Outcome = Literal[
    "delivered",
    "pending-then-delivered",
    "temporary-failure",
    "permanent-failure",
    "technical-failure",
    "no-receipt",
    "busy",
    "rejected",
    "unknown",
    "unknown-then-delivered",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
MOST_RULES = 200

_Words = Annotated[str, Meta(min_length=1, max_length=320)]
_Days = Annotated[float, Meta(ge=0, le=259_200)]
_Minute = Annotated[float, Meta(ge=0, le=60)]
_Times = Annotated[int, Meta(ge=1, le=1_000_000)]

_RECEIPTS: dict[Outcome, ReceiptStatus] = {
    "delivered": "delivered",
    "pending-then-delivered": "delivered",
    "unknown-then-delivered": "delivered",
    "temporary-failure": "temporary-failure",
    "permanent-failure": "permanent-failure",
    "technical-failure": "technical-failure",
}


class Scene(msgspec.Struct, frozen=True):
    """What rules look at in a message: `recipient` in digits or as an address, `text` with an email's subject."""

    notification_id: UUID
    provider: str
    channel: str
    recipient: str
    service_id: UUID
    template_id: UUID | None
    text: str


class Rule(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, dict=True
):
    """What becomes of the messages that fit; None fits all (docs/reference/inbox.md, "Rules").

    Attributes:
        to: a recipient, or a pattern with asterisks.
        contains: what the text, or an email's subject or plain text, has in it.
        provider: the sandbox that the message was given to, where there are several.
        times: how often it applies before the next rule does.
        for_each_message: whether `times` counts anew for each message.
        after: seconds until the last receipt.
        answer_after: seconds that the provider takes to answer.
        receipts: how they come: once, all of them twice, or before the provider has answered.
        again_in: after how many seconds a busy provider wants to be asked again; None: at the usual times.
        reply: a text that the recipient sends back, `reply_after` seconds later.
    """

    to: _Words | None = None
    channel: Literal["sms", "email"] | None = None
    service_id: UUID | None = None
    template_id: UUID | None = None
    contains: _Words | None = None
    provider: _Words | None = None
    times: _Times | None = None
    for_each_message: bool = False
    outcome: Outcome = "delivered"
    after: _Days = 0.0
    answer_after: _Minute = 0.0
    receipts: Literal["once", "twice", "before-the-answer"] = "once"
    again_in: _Days | None = None
    reply: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    reply_after: _Days = 1.0

    def fits(self, scene: Scene) -> bool:
        """Whether a message is meant."""
        return (
            self.channel in (None, scene.channel)
            and self.provider in (None, scene.provider)
            and self.service_id in (None, scene.service_id)
            and self.template_id in (None, scene.template_id)
            and (self._pattern is None or self._pattern.fits(scene.recipient))
            and (self.contains is None or self.contains in scene.text)
        )

    @property
    def receipt(self) -> ReceiptStatus | None:
        """The last status that will be reported; None if nothing will be heard."""
        return _RECEIPTS.get(self.outcome)

    @property
    def taken(self) -> bool:
        """Whether the message reaches its recipient's provider at all."""
        return self.outcome not in {"busy", "rejected"}

    @cached_property
    def _pattern(self) -> Pattern | None:
        return None if self.to is None else Pattern.of(self.to)


def mistakes_in(rule: Rule) -> Iterator[str]:
    """What is wrong with a rule beyond its types, a sentence each."""
    if any("\0" in text for text in (rule.to, rule.contains, rule.provider, rule.reply) if text):
        yield "there is a character in it that no message has"
    if not all(map(isfinite, (rule.after, rule.answer_after, rule.again_in or 0, rule.reply_after))):
        yield "seconds must be a number"
    if rule.for_each_message and rule.times is None:
        yield "for_each_message says how times are counted, but there are no times"
    if rule.again_in is not None and rule.outcome != "busy":
        yield f"again_in is for the outcome busy, not {rule.outcome}"
    if rule.receipts != "once" and rule.receipt is None:
        yield f"receipts is {rule.receipts}, but {rule.outcome} has none"
    if rule.receipts == "before-the-answer" and rule.outcome == "unknown-then-delivered":
        yield "receipts cannot come before an answer that never comes"
    if rule.reply is not None and not rule.taken:
        yield f"nobody can reply to a message that is {rule.outcome}"
    if rule.reply is not None and rule.channel == "email":
        yield "replies are texts: channel cannot be email"


def mistakes_in_all(rules: Sequence[Rule]) -> list[str]:
    """What is wrong with a list of rules, each with its number."""
    if len(rules) > MOST_RULES:
        return [f"there are {len(rules)} rules, but at most {MOST_RULES} are kept"]
    return [
        f"rule {number}: {mistake}" for number, rule in enumerate(rules, 1) for mistake in mistakes_in(rule)
    ]
