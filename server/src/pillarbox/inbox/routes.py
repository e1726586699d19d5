"""The inbox's routes: a page for people, JSON for tests. Open on loopback, or with a token."""

from uuid import UUID

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pillarbox.inbox import pages, query, received_texts, rehearsing, rules, texting
from pillarbox.inbox.answers import as_json, guarded, missing, mistake, page
from pillarbox.inbox.waiting import wait_for
from pillarbox.store.callback_attempts import AttemptsQuery
from pillarbox.store.sandbox import CaughtMessage, Fate, Sandbox
from pillarbox.store.store import Store

_MOST_CALLS = 50  # six attempts for each status that is told
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
        return page(pages.inbox([], {}, query.read(QueryParams()), str(error)), 400)
    sandbox = _sandbox(request)
    found = await sandbox.newest(msgspec.structs.replace(asked.search, refused=True))
    return page(pages.inbox(found, await sandbox.fates(found), asked))


@guarded
async def get_message(request: Request) -> Response:
    """The page of one message."""
    message = await _find(request)
    if message is None:
        return missing()
    store: Store = request.state.store
    fates = await store.sandbox.fates([message])
    calls = await store.callback_attempts.newest(AttemptsQuery(message=message.notification_id), _MOST_CALLS)
    receivers = {one.service_id: one for one in await store.rehearsals.receivers()}
    fate, receiver = fates.get(message.notification_id), receivers.get(message.service_id)
    return page(pages.message(message, fate, calls, receiver))


@guarded
async def get_html(request: Request) -> Response:
    """An email's HTML by itself, for the frame on its page; it can run nothing."""
    message = await _find(request)
    if message is None or message.html is None:
        return missing()
    html = message.html.replace("<head>", '<head><base target="_blank">', 1)
    headers = {"Content-Security-Policy": _EMAIL_POLICY, "Referrer-Policy": "no-referrer"}
    return HTMLResponse(html, headers=headers)


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
    fates = await _sandbox(request).fates(found)
    shown = [_as_programs_see(message, fates.get(message.notification_id)) for message in found]
    return as_json({"messages": shown})


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
    *rehearsing.ROUTES,
    *texting.ROUTES,
]


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.state.store.sandbox
    return sandbox


async def _find(request: Request) -> CaughtMessage | None:
    message_id: UUID = request.path_params["message_id"]
    return await _sandbox(request).find(message_id)


def _as_programs_see(message: CaughtMessage, fate: Fate | None) -> dict[str, object]:
    fields = msgspec.structs.asdict(message)
    del fields["source"]
    fields["to"] = fields.pop("recipient")
    fields["from"] = fields.pop("sender")
    fields["created_at"] = fields.pop("caught_at")
    fields["status"] = fate and fate.status
    fields["timeline"] = fate.timeline if fate else []
    return fields
