"""The page of received texts: what people have sent to services, and a form to be one of them."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pillarbox.inbox import pages
from pillarbox.inbox.answers import BadRequestError, guarded, page
from pillarbox.inbox.forms import converted, filled_in
from pillarbox.inbox.received_texts import SimulatedText, receive
from pillarbox.inbox.rules import rehearsals

PATH = "/inbox/texts"
_LABELS = {"from": "From", "message": "Message", "service_id": "To"}


@guarded
async def get_texts(request: Request) -> Response:
    """What services have received, newest first."""
    return await _page(request, {})


@guarded
async def post_text(request: Request) -> Response:
    """Send a service a text."""
    fields: dict[str, str] = {}
    try:
        fields = await filled_in(request)
        await receive(request, converted({"message": "", **fields}, SimulatedText, _LABELS))
    except BadRequestError as error:
        return await _page(request, fields, str(error))
    return RedirectResponse(PATH, 303)


ROUTES = [
    Route(PATH, get_texts, methods=["GET"]),
    Route(PATH, post_text, methods=["POST"]),
]


async def _page(request: Request, fields: Mapping[str, str], mistake: str = "") -> Response:
    texts = await request.state.store.received_texts.newest()
    receivers = await rehearsals(request).receivers()
    return page(pages.texts(texts, receivers, fields, mistake), 400 if mistake else 200)
