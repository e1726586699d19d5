"""POST /v2/notifications/…: accepting messages."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

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
from pillarbox.api.errors import NOT_FOUND, bad_request, second_envelope
from pillarbox.api.idempotency import once
from pillarbox.api.limits import Allowance, allowance
from pillarbox.api.requests import read_json
from pillarbox.api.schemas import EMAIL, LETTER, SMS
from pillarbox.store.idempotency import Claim
from pillarbox.store.services import Channel
from pillarbox.store.store import Store
from pillarbox.store.templates import Template

log = structlog.get_logger()


class Ready(msgspec.Struct, frozen=True):
    """A message that passed all checks, and what its answer has beside what all answers have."""

    accepted: Accepted
    content: dict[str, Any]
    more: dict[str, Any] = msgspec.field(default_factory=dict)


Check = Callable[[Request, Caller, Allowance], Awaitable[Ready]]


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
    caller = await authenticate(request)

    async def send(claim: Claim | None) -> Response:
        async with allowance(request, caller, channel) as allowed:
            ready = await check(request, caller, allowed)
            ready.accepted.check_length()
            answer = msgspec.json.encode(_answer(request, ready))
            await _store(request, ready.accepted, allowed, claim, answer)
        return Response(answer, 201, media_type="application/json")

    return await once(request, caller, send)


async def _check_sms(request: Request, caller: Caller, allowed: Allowance) -> Ready:
    form = SMS.read(await read_json(request))
    template = await _template(request, caller, "sms", form["template_id"])
    to, number = form["phone_number"]
    text = Text(to, number, form.get("personalisation", {}), form.get("reference"), form.get("sms_sender_id"))
    accepted = accept_text(caller.service, caller.key, template, text)
    if not number.is_uk_prefix:
        await allowed.take("international_sms")
    return Ready(accepted, {"body": accepted.body, "from_number": accepted.sender})


async def _check_email(request: Request, caller: Caller, _allowed: Allowance) -> Ready:
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
        "from_email": f"{caller.service.email_local_part}@{request.state.config.email_domain}",
        "subject": accepted.subject,
        "body": accepted.body,
        "one_click_unsubscribe_url": email.one_click_unsubscribe_url,
    }
    return Ready(accepted, content, {"sanitised_content": accepted.sanitised})


async def _check_letter(request: Request, caller: Caller, _allowed: Allowance) -> Ready:
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
    found = await request.state.store.templates.current(caller.service.id, template_id)
    return check_template(found, channel)


async def _store(
    request: Request, accepted: Accepted, allowed: Allowance, claim: Claim | None, answer: bytes
) -> None:
    """Store a message, unless it is a simulated one, which counts for nothing and keeps no key."""
    store: Store = request.state.store
    row = accepted.notification
    if accepted.simulated:
        await allowed.give_back()
        if claim is not None:
            await store.idempotency_keys.release(claim)
        return
    if claim is not None:
        row.idempotency_key, row.claim, row.answer = claim.key, claim.claim, answer.decode()
    await store.notifications.add(row)
    log.info("accepted", notification_id=row.id, service_id=row.service_id, channel=row.channel)


def _answer(request: Request, ready: Ready) -> dict[str, Any]:
    base = request.state.config.base_url(request)
    row = ready.accepted.notification
    return {
        "id": row.id,
        "reference": row.reference,
        "content": ready.content,
        "uri": f"{base}/v2/notifications/{row.id}",
        "template": {
            "id": row.template_id,
            "version": row.template_version,
            "uri": f"{base}/v2/template/{row.template_id}",
        },
        "scheduled_for": None,
        **ready.more,
    }
