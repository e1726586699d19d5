"""The inbox's routes: a page for people, JSON for tests. Open on loopback, or with a token."""

from uuid import UUID

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pillarbox.inbox import pages, query, received_texts, rules
from pillarbox.inbox.answers import as_json, guarded, missing, mistake, page
from pillarbox.inbox.waiting import wait_for
from pillarbox.store.sandbox import CaughtMessage, Sandbox

# Links in an email open in a new tab; apart from that it can do nothing.
_EMAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


@guarded
async def get_inbox(request: Request) -> Response:
    """The page: what was caught, newest first."""
    try:
        asked = query.read(request.query_params)
    except query.BadQueryError as error:
        return page(pages.inbox([], query.read(QueryParams()), str(error)), 400)
    return page(pages.inbox(await _sandbox(request).newest(asked.search), asked))


@guarded
async def get_message(request: Request) -> Response:
    """The page of one message."""
    message = await _find(request)
    return missing() if message is None else page(pages.message(message))


@guarded
async def get_html(request: Request) -> Response:
    """An email's HTML by itself, for the frame on its page; it can run nothing."""
    message = await _find(request)
    if message is None or message.html is None:
        return missing()
    html = message.html.replace("<head>", '<head><base target="_blank">', 1)
    return HTMLResponse(html, headers={"Content-Security-Policy": _EMAIL_POLICY})


@guarded
async def get_source(request: Request) -> Response:
    """An email as it would have travelled."""
    message = await _find(request)
    if message is None or message.source is None:
        return missing()
    return PlainTextResponse(message.source)


@guarded
async def get_messages(request: Request) -> Response:
    """What was caught, as JSON; with `wait`, as soon as there is something, or after so many seconds."""
    try:
        asked = query.read(request.query_params)
    except query.BadQueryError as error:
        return mistake(error)
    found = await wait_for(request, _sandbox(request), asked.search, asked.wait)
    return as_json({"messages": [_as_programs_see(message) for message in found]})


@guarded
async def delete_messages(request: Request) -> Response:
    """Forget everything."""
    await _sandbox(request).empty()
    return Response(status_code=204)


@guarded
async def post_empty(request: Request) -> Response:
    """The page's button to forget everything."""
    await _sandbox(request).empty()
    return RedirectResponse("/inbox", 303)


async def get_asset(request: Request) -> Response:
    """The page's style and script."""
    return pages.asset(request.path_params["name"]) or missing()


ROUTES = [
    Route("/inbox", get_inbox, methods=["GET"]),
    Route("/inbox/messages", get_messages, methods=["GET"]),
    Route("/inbox/messages", delete_messages, methods=["DELETE"]),
    Route("/inbox/empty", post_empty, methods=["POST"]),
    Route("/inbox/assets/{name}", get_asset, methods=["GET"]),
    Route("/inbox/messages/{message_id:uuid}", get_message, methods=["GET"]),
    Route("/inbox/messages/{message_id:uuid}/html", get_html, methods=["GET"]),
    Route("/inbox/messages/{message_id:uuid}/source", get_source, methods=["GET"]),
    *rules.ROUTES,
    *received_texts.ROUTES,
]


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.state.store.sandbox
    return sandbox


async def _find(request: Request) -> CaughtMessage | None:
    message_id: UUID = request.path_params["message_id"]
    return await _sandbox(request).find(message_id)


def _as_programs_see(message: CaughtMessage) -> dict[str, object]:
    fields = msgspec.structs.asdict(message)
    del fields["source"]
    fields["to"] = fields.pop("recipient")
    fields["from"] = fields.pop("sender")
    fields["created_at"] = fields.pop("caught_at")
    return fields
