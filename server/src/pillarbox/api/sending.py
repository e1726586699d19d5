"""POST /v2/notifications/…: accepting messages."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from pillarbox import metrics
from pillarbox.actions.accept import (
    Accepted,
    Email,
    Letter,
    Text,
    accept_email,
    accept_letter,
    accept_text,
    check_channel,
    check_template,
)
from pillarbox.api.auth import Caller, authenticate
from pillarbox.api.errors import NOT_FOUND, ApiError, bad_request, second_envelope
from pillarbox.api.idempotency import once
from pillarbox.api.limits import Allowance, allowance
from pillarbox.api.requests import read_json
from pillarbox.api.schemas import EMAIL, LETTER, SMS
from pillarbox.api.state import base_url, config_of, more_headers, store_of
from pillarbox.store.idempotency import Claim
from pillarbox.store.notifications import ClaimLapsedError, NewNotification
from pillarbox.store.services import Channel
from pillarbox.store.templates import Template

log = structlog.get_logger()


class Ready(msgspec.Struct, frozen=True):
    """A message that passed all checks, and what its answer has beside what all answers have."""

    accepted: Accepted
    content: dict[str, Any]
    more: dict[str, Any] = msgspec.field(default_factory=dict)
    abroad: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether it is to be stored and counted for its channel, and there is no more to it."""
        return not (self.abroad or self.accepted.simulated or self.accepted.too_long)


Check = Callable[[Request, Caller], Awaitable[Ready]]


async def post_sms(request: Request) -> Response:
    """Accept a text."""
    return await _send(request, "sms", _check_sms)


async def post_email(request: Request) -> Response:
    """Accept an email."""
    return await _send(request, "email", _check_email)


async def post_letter(request: Request) -> Response:
    """Accept a templated letter. Precompiled ones are refused: they are not built yet."""
    return await _send(request, "letter", _check_letter)


async def post_unknown(request: Request) -> Response:
    """Answer a channel that does not exist."""
    await authenticate(request)
    return second_envelope(404, NOT_FOUND)


async def _send(request: Request, channel: Channel, check: Check) -> Response:
    """Accept a message as if its limits were checked before anything else, as the contract has it.

    A message that is fine is stored in the same statement that takes its limits. Whatever is not fine about another is
    told only to those who are below their limits.
    """
    caller = await authenticate(request)
    outcome: Ready | Exception | None = None

    async def at_once(claim: Claim | None) -> Response | None:
        nonlocal outcome
        limits = Allowance(request, caller, channel)
        if not limits.looks_ample:
            return None
        outcome = await _outcome(request, caller, check)
        if not (isinstance(outcome, Ready) and outcome.is_usual):
            return None
        return await _store_at_once(request, outcome, limits, claim)

    async def step_by_step(claim: Claim | None) -> Response:
        async with allowance(request, caller, channel) as allowed:
            found = outcome or await _outcome(request, caller, check)
            if isinstance(found, Exception):
                raise found
            return await _store_step_by_step(request, found, allowed, claim)

    return await once(request, caller, step_by_step, at_once)


async def _outcome(request: Request, caller: Caller, check: Check) -> Ready | Exception:
    try:
        return await check(request, caller)
    except Exception as error:  # noqa: BLE001 - whoever is over a limit is to hear of that first
        return error


async def _check_sms(request: Request, caller: Caller) -> Ready:
    form = SMS.read(await read_json(request))
    template = await _template(request, caller, "sms", form["template_id"])
    to, number = form["phone_number"]
    text = Text(to, number, form.get("personalisation", {}), form.get("reference"), form.get("sms_sender_id"))
    accepted = accept_text(caller.service, caller.key, template, text)
    content = {"body": accepted.body, "from_number": accepted.sender}
    return Ready(accepted, content, abroad=not number.is_uk_prefix)


async def _check_email(request: Request, caller: Caller) -> Ready:
    form = EMAIL.read(await read_json(request))
    template = await _template(request, caller, "email", form["template_id"])
    email = Email(
        form["email_address"],
        form.get("personalisation", {}),
        form.get("reference"),
        form.get("email_reply_to_id"),
        form.get("one_click_unsubscribe_url"),
        form.get("sanitise_content_for"),
    )
    accepted = accept_email(caller.service, caller.key, template, email)
    content = {
        "from_email": f"{caller.service.email_local_part}@{config_of(request).email_domain}",
        "subject": accepted.subject,
        "body": accepted.body,
        "one_click_unsubscribe_url": email.one_click_unsubscribe_url,
    }
    return Ready(accepted, content, {"sanitised_content": accepted.sanitised})


async def _check_letter(request: Request, caller: Caller) -> Ready:
    body = await read_json(request)
    if isinstance(body, dict) and "content" in body:
        raise bad_request("Precompiled letters are not available on this server yet")
    form = LETTER.read(body)
    template = await _template(request, caller, "letter", form["template_id"])
    letter = Letter(form["personalisation"], form.get("reference"))
    accepted = accept_letter(caller.service, caller.key, template, letter)
    return Ready(accepted, {"body": accepted.body, "subject": accepted.subject})


async def _template(request: Request, caller: Caller, channel: Channel, template_id: UUID) -> Template:
    check_channel(caller.service, channel)
    found = await store_of(request).templates.current(caller.service.id, template_id)
    return check_template(found, channel)


async def _store_at_once(
    request: Request, ready: Ready, limits: Allowance, claim: Claim | None
) -> Response | None:
    """Store a message with its key. If that is not to be, those with a key hear first whether it was used before."""
    answer = _answer(request, ready)
    try:
        await limits.begin_and_store(_row(ready, claim, answer))
    except (ClaimLapsedError, ApiError):
        if claim is None:
            raise
        more_headers(request).clear()
        return None
    return _created(ready, answer)


async def _store_step_by_step(
    request: Request, ready: Ready, allowed: Allowance, claim: Claim | None
) -> Response:
    """Store a message, unless it is a simulated one, which counts for nothing and keeps no key."""
    if ready.abroad:
        await allowed.take("international_sms")
    ready.accepted.check_length()
    store = store_of(request)
    answer = _answer(request, ready)
    if not ready.accepted.simulated:
        await store.notifications.add(_row(ready, claim, answer))
        return _created(ready, answer)
    await allowed.give_back()
    if claim is not None:
        await store.idempotency_keys.release(claim)
    return _created(ready, answer)


def _row(ready: Ready, claim: Claim | None, answer: bytes) -> NewNotification:
    row = ready.accepted.notification
    if claim is not None:
        row.idempotency_key, row.claim, row.fingerprint = claim.key, claim.claim, claim.fingerprint
        row.answer = answer.decode()
    return row


def _created(ready: Ready, answer: bytes) -> Response:
    row = ready.accepted.notification
    if not ready.accepted.simulated:
        metrics.accepted(row.channel, row.key_type, row.created_at)
        log.info("accepted", notification_id=row.id, service_id=row.service_id, channel=row.channel)
    return Response(answer, 201, media_type="application/json")


def _answer(request: Request, ready: Ready) -> bytes:
    base = base_url(request)
    row = ready.accepted.notification
    shown_id = str(row.id)
    return msgspec.json.encode(
        {
            "id": shown_id,
            "reference": row.reference,
            "content": ready.content,
            "uri": f"{base}/v2/notifications/{shown_id}",
            "template": _template_shown(base, row.template_id, row.template_version),
            "scheduled_for": None,
            **ready.more,
        }
    )


@lru_cache(maxsize=1024)
def _template_shown(base: str, template_id: UUID, version: int) -> msgspec.Raw:
    """Messages share a few templates."""
    shown = {"id": template_id, "version": version, "uri": f"{base}/v2/template/{template_id}"}
    return msgspec.Raw(msgspec.json.encode(shown))
