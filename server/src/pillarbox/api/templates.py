"""GET /v2/template…: what messages are made from."""

from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import Response

from pillarbox.api.auth import authenticate
from pillarbox.api.errors import no_result
from pillarbox.api.requests import Query, path_uuid
from pillarbox.api.responses import json_response, timestamp
from pillarbox.store.services import Channel
from pillarbox.store.templates import Template

_CHANNELS = get_args(Channel)
_LARGEST_VERSION = 2**31 - 1


async def get_template(request: Request) -> Response:
    """Show a template in its current version."""
    caller = await authenticate(request)
    template_id = path_uuid(request, "template_id", "id")
    return _answer(await request.state.store.templates.current(caller.service.id, template_id))


async def get_template_version(request: Request) -> Response:
    """Show a template in one of its versions; 0 means the current one."""
    caller = await authenticate(request)
    template_id = path_uuid(request, "template_id", "id")
    version = request.path_params["version"]
    templates = request.state.store.templates
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
    templates = await request.state.store.templates.all(caller.service.id)
    return json_response({"templates": [_as_json(t) for t in templates if channel in (None, t.channel)]})


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
