"""POST /unsubscribe/…: mail programs unsubscribe their people with one click (RFC 8058)."""

from starlette.requests import Request
from starlette.responses import Response

from pillarbox.actions.unsubscribe import InvalidLinkError, link_of
from pillarbox.api.errors import second_envelope
from pillarbox.api.responses import json_response
from pillarbox.api.state import store_of

_INVALID = {"unsubscribe request": "This is not a valid unsubscribe link."}
_EXPIRED = {"unsubscribe request": "This unsubscribe link is invalid or expired."}


async def post_unsubscribe(request: Request) -> Response:
    """Keep the request for the service to act on; the body says nothing that matters."""
    store = store_of(request)
    try:
        link = link_of(store.seal, request.path_params["token"])
    except InvalidLinkError:
        return second_envelope(404, _INVALID)
    another = link.notification_id != request.path_params["notification_id"]
    if another or not await store.unsubscribe_requests.add(link.notification_id, link.recipient):
        return second_envelope(404, _EXPIRED)
    return json_response({"result": "success", "message": "Unsubscribe successful"})
