"""One attempt: from a claim to what became of it. No transaction is open while a provider is spoken to."""

import re
from dataclasses import dataclass

import structlog

from pillarbox.delivery.callbacks import CallbackCaller
from pillarbox.delivery.calling_back import call_back
from pillarbox.delivery.messages import email_message, text_message
from pillarbox.messages.retries import (
    CALLBACK_RETRY_SECONDS,
    MOST_CALLBACK_RETRIES,
    MOST_RETRIES,
    wait_before_retry,
)
from pillarbox.messages.simulation import email_outcome, text_outcome
from pillarbox.messages.statuses import after_handing_over, open_to_receipts
from pillarbox.providers.base import Accepted, Answer, Busy, EmailProvider, Rejected, SmsProvider, Unknown
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.store.outbox import Claim, Settlement
from pillarbox.store.services import Service
from pillarbox.store.store import Store
from pillarbox.store.templates import Template

log = structlog.get_logger()

_PEOPLE = re.compile(r"[^\s<>]+@[^\s<>]+|\+?\d{7,}")


@dataclass(frozen=True)
class Routes:
    """The ways out."""

    sms: SmsProvider
    email: EmailProvider
    callbacks: CallbackCaller
    email_domain: str


@dataclass(frozen=True, slots=True)
class _Tried:
    """What a provider answered, and how many fragments it was asked for."""

    provider: str
    answer: Answer
    fragments: int | None = None


async def attempt(claim: Claim, store: Store, routes: Routes) -> Settlement:
    """Do what a claim asks for and say what became of it."""
    if claim.kind == "receipt":
        return _apply_receipt(claim)
    if claim.kind == "callback":
        return await call_back(claim, store, routes.callbacks)
    if claim.status != "created":  # somebody else was quicker, or a receipt was
        return _settled(claim)
    service = await store.services.find(claim.service_id)
    template = await store.templates.version(claim.service_id, claim.template_id, claim.template_version)
    if service is None or template is None or not service.active:
        return _settled(claim, "technical-failure")
    if claim.channel == "letter":
        return _letter(claim)
    tried = await _hand_over(claim, service, template, routes)
    return _outcome(claim, tried)


def failed(claim: Claim) -> Settlement:
    """Say what follows on an attempt that went wrong on our side: again later, though not for ever."""
    if claim.kind == "deliver":
        return _later(claim, None, "failed on our side")
    most = MOST_CALLBACK_RETRIES if claim.kind == "callback" else MOST_RETRIES
    wait = CALLBACK_RETRY_SECONDS if claim.attempts <= most else None
    return Settlement(claim.id, claim.attempts, claim.notification_id, claim.created_at, again_in=wait)


async def _hand_over(claim: Claim, service: Service, template: Template, routes: Routes) -> _Tried:
    if claim.channel == "sms":
        text, fragments = text_message(claim, service, template)
        if claim.key_type == "test":
            return _Tried("simulator", _simulated_text(text.to), fragments)
        return _Tried(routes.sms.name, await routes.sms.submit(text), fragments)
    if claim.key_type == "test":
        return _Tried("simulator", Accepted(receipt=email_outcome(claim.recipient)))
    email = email_message(claim, service, template, routes.email_domain)
    return _Tried(routes.email.name, await routes.email.submit(email))


def _simulated_text(to: str) -> Accepted:
    """Countries whose networks report no delivery send no receipt (contract, section 6)."""
    reports = PhoneNumber.parse(f"+{to}").delivery_receipts
    return Accepted(receipt=text_outcome(to) if reports else None)


def _outcome(claim: Claim, tried: _Tried) -> Settlement:
    match tried.answer:
        case Accepted() as accepted:
            return _taken(claim, tried, accepted)
        case Rejected(reason):
            log.warning(
                "rejected",
                notification_id=str(claim.notification_id),
                provider=tried.provider,
                reason=_impersonal(reason),
            )
            return _settled(claim, "technical-failure", tried.provider)
        case Busy(reason):
            return _later(claim, tried.provider, reason)
        case Unknown(reason):
            # It may have gone out: sending it again might send it twice, so it waits for a receipt.
            log.warning(
                "unknown",
                notification_id=str(claim.notification_id),
                provider=tried.provider,
                reason=_impersonal(reason),
            )
            return _taken(claim, tried, Accepted())


def _taken(claim: Claim, tried: _Tried, accepted: Accepted) -> Settlement:
    return Settlement(
        claim_id=claim.id,
        attempts=claim.attempts,
        notification_id=claim.notification_id,
        created_at=claim.created_at,
        status=after_handing_over(claim.channel, international=claim.international),
        only_from=("created",),
        provider=tried.provider,
        provider_reference=accepted.reference,
        billable_units=tried.fragments,
        sent=True,
        receipt=accepted.receipt,
        receipt_in=accepted.receipt_in,
    )


def _later(claim: Claim, provider: str | None, reason: str) -> Settlement:
    wait = wait_before_retry(claim.channel, claim.attempts)
    log.warning(
        "busy",
        notification_id=str(claim.notification_id),
        provider=provider,
        reason=_impersonal(reason),
        again_in=wait,
    )
    if wait is None:
        return _settled(claim, "technical-failure", provider)
    return Settlement(claim.id, claim.attempts, claim.notification_id, claim.created_at, again_in=wait)


def _letter(claim: Claim) -> Settlement:
    """No printer is built yet: letters stay accepted, and those of test keys are despatched at once."""
    return _settled(claim, "delivered" if claim.key_type == "test" else None)


def _apply_receipt(claim: Claim) -> Settlement:
    if claim.channel == "sms" and not PhoneNumber.parse(claim.recipient).delivery_receipts:
        return _settled(claim)  # networks that report no delivery are not believed when they do
    status = (claim.payload or {})["status"]
    return Settlement(
        claim_id=claim.id,
        attempts=claim.attempts,
        notification_id=claim.notification_id,
        created_at=claim.created_at,
        status=status,
        only_from=open_to_receipts(claim.channel),
        tell=True,
    )


def _settled(claim: Claim, status: str | None = None, provider: str | None = None) -> Settlement:
    return Settlement(
        claim_id=claim.id,
        attempts=claim.attempts,
        notification_id=claim.notification_id,
        created_at=claim.created_at,
        status=status,
        only_from=("created",),
        provider=provider,
        tell=status == "technical-failure",
    )


def _impersonal(reason: str) -> str:
    """Relays like to quote the recipient; logs never do."""
    return _PEOPLE.sub("…", reason[:300])
