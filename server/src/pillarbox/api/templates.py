"""GET /v2/template…: what messages are made from."""

import asyncio
from typing import Any, get_args

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from pillarbox.actions.preview import preview
from pillarbox.api.auth import authenticate
from pillarbox.api.bodies import read_body
from pillarbox.api.errors import no_result, second_envelope
from pillarbox.api.requests import Query, path_uuid, read_json_or_nothing
from pillarbox.api.responses import json_response, timestamp
from pillarbox.api.schemas import PREVIEW
from pillarbox.api.state import store_of
from pillarbox.store.services import Channel
from pillarbox.store.templates import Template

_CHANNELS = get_args(Channel)
_LONG = 20_000  # what takes longer than a moment to render does so beside the others' requests
_LARGEST_VERSION = 2**31 - 1


class VersionConvertor(Convertor[int]):
    """Digits in a path; numbers that no version has are all alike."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        """Read the digits, however many."""
        digits = value.lstrip("0") or "0"
        return int(digits) if len(digits) <= 10 else _LARGEST_VERSION + 1

    def to_string(self, value: int) -> str:
        """Write them."""
        return str(value)


register_url_convertor("version", VersionConvertor())


async def get_template(request: Request) -> Response:
    """Show a template in its current version."""
    caller = await authenticate(request)
    template_id = path_uuid(request, "template_id", "id")
    return _answer(await store_of(request).templates.current(caller.service.id, template_id))


async def get_template_version(request: Request) -> Response:
    """Show a template in one of its versions; 0 means the current one."""
    caller = await authenticate(request)
    template_id = path_uuid(request, "template_id", "id")
    version = request.path_params["version"]
    templates = store_of(request).templates
    if version == 0:
        return _answer(await templates.current(caller.service.id, template_id))
    if version > _LARGEST_VERSION:
        raise no_result()
    return _answer(await templates.version(caller.service.id, template_id, version))


async def get_templates(request: Request) -> Response:
    """Show all templates, or those of one channel."""
    caller = await authenticate(request)
    query = Query(request)
    channel = query.choice("type", _CHANNELS)
    query.done()
    templates = await store_of(request).templates.all(caller.service.id)
    return json_response({"templates": [_as_json(t) for t in templates if channel in (None, t.channel)]})


async def post_preview(request: Request) -> Response:
    """Show what a template makes of some personalisation; nothing is sent or counted."""
    caller = await authenticate(request)
    given = await read_json_or_nothing(request) or {}
    if isinstance(given, dict):
        given = {**given, "id": request.path_params["template_id"]}
    form = PREVIEW.read(given)
    template = await store_of(request).templates.current(caller.service.id, form["id"])
    if template is None or template.hidden:
        raise no_result()
    values = form.get("personalisation", {})
    if len(await read_body(request)) < _LONG:
        return json_response(preview(template, values))
    return json_response(await asyncio.to_thread(preview, template, values))


async def get_versions(request: Request) -> Response:
    """Show all versions of a template, newest first, to a key of its own service."""
    caller = await authenticate(request)
    service_id = path_uuid(request, "service_id", "service_id")
    template_id = path_uuid(request, "template_id", "template_id")
    versions = await store_of(request).templates.versions(caller.service.id, template_id)
    if service_id != caller.service.id or not versions:
        return second_envelope(404, "No result found")
    return json_response({"data": [_version_as_json(version) for version in versions]})


def _version_as_json(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name,
        "template_type": template.channel,
        "content": template.content,
        "subject": template.subject,
        "version": template.version,
        "archived": template.version_archived,
        "hidden": template.hidden,
        "service": template.service_id,
        "created_at": timestamp(template.created_at),
        "updated_at": timestamp(template.updated_at),
        "created_by": template.created_by,
        "postage": template.postage,
        "has_unsubscribe_link": template.has_unsubscribe_link,
    }


def _answer(template: Template | None) -> Response:
    if template is None or template.hidden:
        raise no_result()
    return json_response(_as_json(template))


def _as_json(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "type": template.channel,
        "name": template.name,
        "created_at": timestamp(template.created_at),
        "updated_at": timestamp(template.updated_at),
        "created_by": template.created_by,
        "version": template.version,
        "body": template.content,
        "subject": template.subject,
        "personalisation": {name: {"required": True} for name in template.filled.placeholders},
        "postage": template.postage,
        "letter_contact_block": template.contact_block,
    }
