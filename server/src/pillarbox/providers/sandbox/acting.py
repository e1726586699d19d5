"""Playing by a rule: what the sandbox answers, what it reports, and who writes back."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from pillarbox.messages.posts import Incoming, Receipt, ReceiptStatus
from pillarbox.providers.base import Accepted, Answer, Busy, EmailMessage, Rejected, SmsMessage, Unknown
from pillarbox.providers.kinds import Keep
from pillarbox.rehearsal.posts import written
from pillarbox.rehearsal.rules import Rule
from pillarbox.rehearsal.stage import Stage

log = structlog.get_logger()

Message = SmsMessage | EmailMessage

_BETWEEN_RECEIPTS = 1.0  # seconds, where a rule does not say
_AHEAD_OF_ANSWER = 2.0  # so that the worker has applied the receipt before the answer comes
_REASON = "a rule of the sandbox"


async def act(rule: Rule, message: Message, name: str, keep: Keep, stage: Stage) -> Answer:
    """Do with a message what a rule says; `name` is the sandbox's."""
    if not rule.taken:
        return await _refuse(rule, message, keep)
    await keep(message)
    for status, seconds in posted(rule, message):
        receipt = Receipt(str(message.notification_id), status, reason=_REASON)
        await stage.post(written(name, receipt), seconds)
    if rule.reply is not None and isinstance(message, SmsMessage):
        await _reply(rule, message, name, stage)
    ahead = _AHEAD_OF_ANSWER if rule.receipts == "before-the-answer" else 0.0
    await asyncio.sleep(max(rule.answer_after, ahead))
    return answer(rule, str(message.notification_id))


def answer(rule: Rule, reference: str) -> Answer:
    """Return what the sandbox answers when it has taken a message; the last receipt is made up for it, if it can be."""
    if rule.outcome in {"unknown", "unknown-then-delivered"}:
        return Unknown(_REASON)
    if rule.receipts == "before-the-answer":
        return Accepted(reference=reference)
    return Accepted(reference=reference, receipt=rule.receipt, receipt_in=_after(rule))


def posted(rule: Rule, message: Message) -> Iterator[tuple[ReceiptStatus, float]]:
    """What is reported beside the made-up receipt, and in how many seconds."""
    if rule.outcome == "pending-then-delivered" and isinstance(message, SmsMessage):
        yield "pending", 0.0  # emails know no such status
    if rule.receipt is None:
        return
    if rule.receipts == "before-the-answer" or rule.outcome == "unknown-then-delivered":
        yield rule.receipt, rule.answer_after + _after(rule)
    if rule.receipts == "twice":
        yield rule.receipt, rule.answer_after + _after(rule) + _BETWEEN_RECEIPTS


def _after(rule: Rule) -> float:
    if rule.outcome == "pending-then-delivered":
        return rule.after or _BETWEEN_RECEIPTS
    return rule.after


async def _refuse(rule: Rule, message: Message, keep: Keep) -> Answer:
    await asyncio.sleep(rule.answer_after)
    await keep(message, refusal=rule.outcome)
    if rule.outcome == "rejected":
        return Rejected(_REASON)
    # Busy for some recipients only: that is no reason to turn away from this sandbox, unless the rule is about it.
    return Busy(_REASON, again_in=rule.again_in, our_fault=rule.provider is None)


async def _reply(rule: Rule, message: SmsMessage, name: str, stage: Stage) -> None:
    number = await stage.number_of(message.service_id)
    if number is None:
        log.warning("no number to reply to", service_id=str(message.service_id))
        return
    at = datetime.now(UTC) + timedelta(seconds=rule.reply_after)
    text = Incoming(message.to, number, rule.reply or "", reference=str(uuid4()), at=at)
    await stage.post(written(name, text), rule.answer_after + rule.reply_after)
