"""One attempt: from a claim to what became of it. No transaction is open while a provider is spoken to."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import msgspec
import structlog
from msgspec.structs import replace

from pillarbox import metrics
from pillarbox.actions.record_receipt import decide
from pillarbox.delivery.callbacks import CallbackCaller
from pillarbox.delivery.messages import email_message, text_message
from pillarbox.delivery.routing import Routing, Way, begin, hear
from pillarbox.messages.impersonal import impersonal
from pillarbox.messages.posts import Receipt, ReceiptStatus
from pillarbox.messages.retries import wait_as_asked, wait_before_retry
from pillarbox.messages.simulation import email_outcome, text_outcome
from pillarbox.messages.statuses import after_handing_over
from pillarbox.providers.base import (
    Accepted,
    Answer,
    Busy,
    EmailMessage,
    LookUpError,
    Rejected,
    SmsMessage,
    Unknown,
)
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.store.outbox import Claim, Settlement
from pillarbox.store.receipts import Known
from pillarbox.store.services import Service
from pillarbox.store.store import Store
from pillarbox.store.templates import Template

log = structlog.get_logger()

_UNSURE_SECONDS = 15.0
SIMULATOR = "simulator"  # what takes the messages of test keys


@dataclass(frozen=True)
class Routes:
    """The ways out."""

    sms: Routing
    email: Routing
    callbacks: CallbackCaller
    email_domain: str

    def of(self, channel: str) -> Routing:
        """Return the ways out of a channel."""
        return self.sms if channel == "sms" else self.email


class _Ready(msgspec.Struct, frozen=True):
    """A message as it is handed over, and how many fragments it has."""

    message: SmsMessage | EmailMessage
    fragments: int | None = None


class _Tried(msgspec.Struct, frozen=True):
    """What a provider answered, and how many fragments it was asked for."""

    provider: str | None
    answer: Answer
    fragments: int | None = None
    resend: bool = False  # the provider would recognise the message, or can be asked about it


async def attempt(claim: Claim, store: Store, routes: Routes) -> Settlement:
    """Do what a claim asks for and say what became of it."""
    if claim.status != "created":  # somebody else was quicker, or a receipt was
        return _settled(claim)
    service = await store.services.find(claim.service_id)
    template = await store.templates.version(claim.service_id, claim.template_id, claim.template_version)
    if service is None or template is None or not service.active:
        return _settled(claim, "technical-failure", event={"reason": "the service is archived"})
    if claim.channel == "letter":
        return _letter(claim)
    ready = _ready(claim, service, template, routes)
    if claim.key_type == "test":
        tried = _Tried(SIMULATOR, _simulated(ready.message), ready.fragments)
    else:
        tried = await _hand_over(claim, service, ready, routes.of(claim.channel))
    return _outcome(claim, tried)


def failed(claim: Claim) -> Settlement:
    """Say what follows on an attempt that went wrong on our side: again later, though not for ever."""
    return _later(claim, _Tried(None, Busy("failed on our side")))


def _ready(claim: Claim, service: Service, template: Template, routes: Routes) -> _Ready:
    if claim.channel == "sms":
        return _Ready(*text_message(claim, service, template))
    return _Ready(email_message(claim, service, template, routes.email_domain))


def _simulated(message: SmsMessage | EmailMessage) -> Accepted:
    """Countries whose networks report no delivery send no receipt (contract, section 6)."""
    if isinstance(message, EmailMessage):
        return Accepted(receipt=email_outcome(message.to))
    reports = PhoneNumber.parse(f"+{message.to}").delivery_receipts
    return Accepted(receipt=text_outcome(message.to) if reports else None)


async def _hand_over(claim: Claim, service: Service, ready: _Ready, routing: Routing) -> _Tried:
    left = claim.payload or {}
    if "unsure" in left:
        return await _make_sure(claim, ready, routing, left["unsure"])
    way = routing.choose(
        international=claim.international,
        only=service.providers.get(claim.channel),
        but=left.get("failed"),
    )
    if way is None:
        soonest = routing.soonest(monotonic())
        return _Tried(None, Busy("no provider takes messages now", again_in=soonest, our_fault=True))
    return await _submit(way, claim, ready)


async def _make_sure(claim: Claim, ready: _Ready, routing: Routing, name: str) -> _Tried:
    """After an answer that never came: ask, or send again to the same provider, which will recognise it."""
    way = routing.named(name)
    if way is None:
        return _Tried(name, Unknown("the provider is gone that may have taken it"), ready.fragments)
    if way.provider.can_look_up:
        try:
            found = await way.provider.look_up(claim.notification_id)
        except LookUpError as error:
            return _Tried(name, Busy(f"cannot be asked: {error}"), ready.fragments)
        if found is not None:
            return _Tried(name, found, ready.fragments)
    return await _submit(way, claim, ready)


async def _submit(way: Way, claim: Claim, ready: _Ready) -> _Tried:
    begin(way)
    began = monotonic()
    answer: Answer = Busy("failed on our side", our_fault=True)
    try:
        answer = await way.provider.submit(_as_sent(way, claim, ready.message))  # type: ignore[arg-type] # of its channel
    finally:
        hear(way, answer, monotonic())
        metrics.submitted(way.provider.name, type(answer).__name__.lower(), monotonic() - began)
    resend = way.provider.recognises or way.provider.can_look_up
    return _Tried(way.provider.name, answer, ready.fragments, resend)


def _as_sent(way: Way, claim: Claim, message: SmsMessage | EmailMessage) -> SmsMessage | EmailMessage:
    """Some countries take texts from certain senders only."""
    sender = way.senders.get(claim.phone_prefix or "")
    return message if sender is None or isinstance(message, EmailMessage) else replace(message, sender=sender)


def _outcome(claim: Claim, tried: _Tried) -> Settlement:
    match tried.answer:
        case Accepted() as accepted:
            return _taken(claim, tried, accepted)
        case Rejected():
            _warn("rejected", claim, tried)
            return _settled(claim, "technical-failure", tried.provider, _event(tried))
        case Busy():
            return _later(claim, tried)
        case Unknown():
            _warn("unknown", claim, tried)
            return _unsure(claim, tried)


def _unsure(claim: Claim, tried: _Tried) -> Settlement:
    """It may have gone out: sent again only where that cannot make two of it, else it waits for a receipt."""
    if not tried.resend or wait_before_retry(claim.channel, claim.attempts) is None:
        return _taken(claim, tried, Accepted())
    return _back(claim, _UNSURE_SECONDS, {"unsure": tried.provider}, _event(tried))


def _taken(claim: Claim, tried: _Tried, accepted: Accepted) -> Settlement:
    metrics.handed_over(claim.channel, tried.provider or "", _age(claim))
    status = after_handing_over(claim.channel, international=claim.international)
    settlement = Settlement(
        claim_id=claim.id,
        attempts=claim.attempts,
        notification_id=claim.notification_id,
        created_at=claim.created_at,
        status=status,
        only_from=("created",),
        provider=tried.provider,
        provider_reference=accepted.reference,
        receipts_name_it=accepted.receipts_name_it,
        billable_units=tried.fragments,
        sent=True,
        event=_event(tried),
    )
    if accepted.receipt is None or tried.provider is None:
        return settlement
    if accepted.receipt_in:
        return replace(settlement, receipt=accepted.receipt, receipt_in=accepted.receipt_in)
    return _reported(settlement, claim, tried.provider, accepted.receipt)


def _reported(settlement: Settlement, claim: Claim, provider: str, status: ReceiptStatus) -> Settlement:
    """A receipt that comes with the answer is recorded with it."""
    metrics.receipt(provider, status)
    handed_over = Known(
        0, claim.notification_id, claim.created_at, claim.channel, settlement.status or "", claim.recipient
    )
    move = decide(Receipt(str(claim.notification_id), status), handed_over, provider)
    if move.status is None:
        return replace(settlement, report=move.event)
    return replace(settlement, status=move.status, report=move.event, tell=move.tell)


def _later(claim: Claim, tried: _Tried) -> Settlement:
    asked = wait_as_asked(getattr(tried.answer, "again_in", None), _age(claim))
    uncounted = (claim.payload or {}).get("uncounted", 0)
    wait = asked if asked is not None else wait_before_retry(claim.channel, claim.attempts - uncounted)
    _warn("busy", claim, tried, again_in=wait)
    if wait is None and "unsure" in (claim.payload or {}):
        return _taken(claim, tried, Accepted())
    if wait is None:
        return _settled(claim, "technical-failure", tried.provider, _event(tried))
    left = {"failed": tried.provider, "uncounted": uncounted + (asked is not None)}
    keep = claim.payload or {}
    return _back(claim, wait, keep | {name: value for name, value in left.items() if value}, _event(tried))


def _back(claim: Claim, wait: float, payload: dict[str, Any] | None, event: dict[str, Any]) -> Settlement:
    return Settlement(
        claim.id,
        claim.attempts,
        claim.notification_id,
        claim.created_at,
        again_in=wait,
        payload=payload,
        event=event,
    )


def _letter(claim: Claim) -> Settlement:
    """No printer is built yet: letters stay accepted, and those of test keys are despatched at once."""
    return _settled(claim, "delivered" if claim.key_type == "test" else None)


def _settled(
    claim: Claim,
    status: str | None = None,
    provider: str | None = None,
    event: dict[str, Any] | None = None,
) -> Settlement:
    return Settlement(
        claim_id=claim.id,
        attempts=claim.attempts,
        notification_id=claim.notification_id,
        created_at=claim.created_at,
        status=status,
        only_from=("created",),
        provider=provider,
        tell=status == "technical-failure",
        event=event,
    )


def _event(tried: _Tried) -> dict[str, Any]:
    """Return the line of the timeline: what the provider answered."""
    answer = tried.answer
    words = {
        "what": "attempt",
        "provider": tried.provider,
        "answer": type(answer).__name__.lower(),
        "code": getattr(answer, "code", None),
        "reason": getattr(answer, "reason", None),
        "reference": getattr(answer, "reference", None),
    }
    return {name: value for name, value in words.items() if value is not None}


def _age(claim: Claim) -> float:
    return (datetime.now(UTC) - claim.created_at).total_seconds()


def _warn(event: str, claim: Claim, tried: _Tried, **more: object) -> None:
    reason = getattr(tried.answer, "reason", "")
    log.warning(
        event,
        notification_id=str(claim.notification_id),
        provider=tried.provider,
        reason=impersonal(reason),
        **more,
    )
