"""POST /v2/notifications/…: accepting messages."""

from typing import Any
from uuid import UUID

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
from pillarbox.api.limits import Allowance, allowance
from pillarbox.api.requests import read_json
from pillarbox.api.responses import json_response
from pillarbox.api.schemas import EMAIL, LETTER, SMS
from pillarbox.store.services import Channel
from pillarbox.store.templates import Template


async def post_sms(request: Request) -> Response:
    """Accept a text."""
    caller = await authenticate(request)
    async with allowance(request, caller, "sms") as allowed:
        form = SMS.read(await read_json(request))
        template = await _template(request, caller, "sms", form["template_id"])
        to, number = form["phone_number"]
        text = Text(
            to, number, form.get("personalisation", {}), form.get("reference"), form.get("sms_sender_id")
        )
        accepted = accept_text(caller.service, caller.key, template, text)
        if not number.is_uk_prefix:
            await allowed.take("international_sms")
        await _store(request, accepted, allowed)
    return _created(request, accepted, {"body": accepted.body, "from_number": accepted.sender})


async def post_email(request: Request) -> Response:
    """Accept an email."""
    caller = await authenticate(request)
    async with allowance(request, caller, "email") as allowed:
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
        await _store(request, accepted, allowed)
    content = {
        "from_email": f"{caller.service.email_local_part}@{request.state.config.email_domain}",
        "subject": accepted.subject,
        "body": accepted.body,
        "one_click_unsubscribe_url": email.one_click_unsubscribe_url,
    }
    return _created(request, accepted, content, {"sanitised_content": accepted.sanitised})


async def post_letter(request: Request) -> Response:
    """Accept a templated letter. Precompiled ones are refused: they are not built yet."""
    caller = await authenticate(request)
    async with allowance(request, caller, "letter") as allowed:
        body = await read_json(request)
        if isinstance(body, dict) and "content" in body:
            raise bad_request("Precompiled letters are not available on this server yet")
        form = LETTER.read(body)
        template = await _template(request, caller, "letter", form["template_id"])
        letter = Letter(form["personalisation"], form.get("reference"))
        accepted = accept_letter(caller.service, caller.key, template, letter)
        await _store(request, accepted, allowed)
    return _created(request, accepted, {"body": accepted.body, "subject": accepted.subject})


async def post_unknown(request: Request) -> Response:
    """Answer a channel that does not exist."""
    await authenticate(request)
    return second_envelope(404, NOT_FOUND)


async def _template(request: Request, caller: Caller, channel: Channel, template_id: UUID) -> Template:
    check_channel(caller.service, channel)
    found = await request.state.store.templates.current(caller.service.id, template_id)
    return check_template(found, channel)


async def _store(request: Request, accepted: Accepted, allowed: Allowance) -> None:
    """Store a message, unless it is a simulated one, which counts for nothing."""
    accepted.check_length()
    if accepted.simulated:
        await allowed.give_back()
    else:
        await request.state.store.notifications.add(accepted.notification)


def _created(
    request: Request, accepted: Accepted, content: dict[str, Any], more: dict[str, Any] | None = None
) -> Response:
    base = request.state.config.base_url(request)
    row = accepted.notification
    body = {
        "id": row.id,
        "reference": row.reference,
        "content": content,
        "uri": f"{base}/v2/notifications/{row.id}",
        "template": {
            "id": row.template_id,
            "version": row.template_version,
            "uri": f"{base}/v2/template/{row.template_id}",
        },
        "scheduled_for": None,
    }
    return json_response(body | more if more else body, 201)
