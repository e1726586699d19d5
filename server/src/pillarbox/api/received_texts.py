"""GET /v2/received-text-messages: texts that people sent to the service's number."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pillarbox.api.auth import authenticate
from pillarbox.api.requests import Query
from pillarbox.api.responses import json_response, timestamp
from pillarbox.api.state import base_url, store_of
from pillarbox.store.received_texts import ReceivedText


async def get_received_texts(request: Request) -> Response:
    """Show a page of received texts; none to a service that may not receive any."""
    caller = await authenticate(request)
    query = Query(request)
    older_than = query.uuid("older_than")
    query.done()
    page: list[ReceivedText] = []
    if "inbound_sms" in caller.service.permissions:
        page = await store_of(request).received_texts.page(caller.service.id, older_than)
    current = f"{base_url(request)}/v2/received-text-messages"
    links = {"current": current}
    if page:
        links["next"] = f"{current}?older_than={page[-1].id}"
    return json_response({"received_text_messages": [_as_json(text) for text in page], "links": links})


def _as_json(text: ReceivedText) -> dict[str, Any]:
    return {
        "id": text.id,
        "user_number": text.user_number,
        "notify_number": text.notify_number,
        "created_at": timestamp(text.created_at),
        "service_id": text.service_id,
        "content": text.content,
    }
