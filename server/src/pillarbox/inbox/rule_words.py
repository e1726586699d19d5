"""A rule in words for a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pillarbox.inbox.words import OUTCOMES, seconds
from pillarbox.rehearsal.rules import Rule
from pillarbox.store.rehearsals import KeptRule

_KINDS = {"sms": "Texts", "email": "Emails", None: "Messages"}


@dataclass(frozen=True)
class ShownRule:
    """What a page shows of a rule: which messages, what becomes of them, and how often it has applied."""

    id: str
    which: str
    what: str
    count: str
    used_up: bool

    @classmethod
    def of(cls, kept: KeptRule) -> "ShownRule":
        """Put a rule into words."""
        rule = kept.rule
        used_up = rule.times is not None and not rule.for_each_message and kept.used >= rule.times
        return cls(str(kept.id), which(rule), _what(rule), _count(kept), used_up)


def all_of(rules: Sequence[KeptRule]) -> list[ShownRule]:
    """Put rules into words."""
    return [ShownRule.of(kept) for kept in rules]


def which(rule: Rule) -> str:
    """Say which messages a rule means."""
    parts = [_KINDS[rule.channel]]
    if rule.to is not None:
        parts.append(f"to {rule.to}")
    if rule.contains is not None:
        parts.append(f"with “{rule.contains}”")
    for name, value in (("of service", rule.service_id), ("from template", rule.template_id)):
        if value is not None:
            parts.append(f"{name} {value}")
    if rule.provider is not None:
        parts.append(f"through {rule.provider}")
    return " ".join(parts)


def _what(rule: Rule) -> str:
    return ", ".join([OUTCOMES[rule.outcome], *_details(rule)])


def _details(rule: Rule) -> Iterator[str]:
    if rule.after:
        yield f"after {seconds(rule.after)}"
    if rule.receipts != "once":
        yield f"reported {rule.receipts.replace('-', ' ')}"
    if rule.answer_after:
        yield f"the provider takes {seconds(rule.answer_after)} to answer"
    if rule.again_in is not None:
        yield f"asked again in {seconds(rule.again_in)}"
    if rule.reply is not None:
        yield f"replied to with “{rule.reply}” after {seconds(rule.reply_after)}"


def _count(kept: KeptRule) -> str:
    times = kept.rule.times
    if times is None:
        return "Every time"
    if kept.rule.for_each_message:
        return "Once for each message" if times == 1 else f"{times} times for each message"
    return f"{kept.used} of {times} times so far" if times > 1 else ("Used" if kept.used else "Once")
