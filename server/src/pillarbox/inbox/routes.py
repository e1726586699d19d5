"""The inbox's routes: a page for people, JSON for tests. Open on loopback, or with a token."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import wraps
from time import monotonic
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pillarbox.inbox import pages
from pillarbox.inbox.access import COOKIE, is_own_form, may_look
from pillarbox.store.sandbox import CaughtMessage, Sandbox, Search

_LONGEST_WAIT = 60.0  # seconds
_LOOK_EVERY = 0.1

Endpoint = Callable[[Request], Awaitable[Response]]

_EMAIL_POLICY = "sandbox; default-src 'none'; img-src * data:; style-src 'unsafe-inline'"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "frame-src 'self'; connect-src 'self'; form-action 'self'"
)


def _guarded(endpoint: Endpoint) -> Endpoint:
    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        token = request.state.inbox_token
        if not may_look(request, token):
            return PlainTextResponse("The inbox is open on this machine only, or with its token.\n", 403)
        response = await endpoint(request)
        if token is not None and request.query_params.get("token"):
            response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/inbox")
        return response

    return guarded


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.state.store.sandbox
    return sandbox


@_guarded
async def get_inbox(request: Request) -> Response:
    """The page: what was caught, newest first."""
    try:
        search = _search(request)
    except ValueError:
        search = Search()
    messages = await _sandbox(request).newest(search)
    return _page(pages.inbox(messages, search))


@_guarded
async def get_message(request: Request) -> Response:
    """The page of one message."""
    message = await _find(request)
    return _missing() if message is None else _page(pages.message(message))


@_guarded
async def get_html(request: Request) -> Response:
    """An email's HTML by itself, for the frame on its page; it can run nothing."""
    message = await _find(request)
    if message is None or message.html is None:
        return _missing()
    return HTMLResponse(message.html, headers={"Content-Security-Policy": _EMAIL_POLICY})


@_guarded
async def get_source(request: Request) -> Response:
    """An email as it would have travelled."""
    message = await _find(request)
    if message is None or message.source is None:
        return _missing()
    return PlainTextResponse(message.source)


@_guarded
async def get_messages(request: Request) -> Response:
    """What was caught, as JSON; with `wait`, as soon as there is something, or after so many seconds."""
    try:
        search, wait = _search(request), _wait(request)
    except ValueError as error:
        return _json({"error": str(error)}, 400)
    until = monotonic() + wait
    sandbox = _sandbox(request)
    stopping: asyncio.Event = request.state.stopping
    while not (found := await sandbox.newest(search)) and monotonic() < until and not stopping.is_set():
        await asyncio.sleep(_LOOK_EVERY)
    return _json({"messages": [_as_json(message) for message in found]})


@_guarded
async def delete_messages(request: Request) -> Response:
    """Forget everything."""
    await _sandbox(request).empty()
    return Response(status_code=204)


@_guarded
async def post_empty(request: Request) -> Response:
    """The page's button to forget everything."""
    if not is_own_form(request):
        return PlainTextResponse("This form was sent from another site.\n", 403)
    await _sandbox(request).empty()
    return RedirectResponse("/inbox", 303)


async def get_asset(request: Request) -> Response:
    """The page's style and script."""
    return pages.asset(request.path_params["name"]) or _missing()


ROUTES = [
    Route("/inbox", get_inbox, methods=["GET"]),
    Route("/inbox/messages", get_messages, methods=["GET"]),
    Route("/inbox/messages", delete_messages, methods=["DELETE"]),
    Route("/inbox/empty", post_empty, methods=["POST"]),
    Route("/inbox/assets/{name}", get_asset, methods=["GET"]),
    Route("/inbox/messages/{message_id:uuid}", get_message, methods=["GET"]),
    Route("/inbox/messages/{message_id:uuid}/html", get_html, methods=["GET"]),
    Route("/inbox/messages/{message_id:uuid}/source", get_source, methods=["GET"]),
]


def _search(request: Request) -> Search:
    """Which messages are asked for.

    Raises:
        ValueError: if `since` is not a moment or `channel` not a channel.
    """
    given = {name: value for name, value in request.query_params.items() if value}
    since = given.get("since")
    moment = datetime.fromisoformat(since) if since else None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Search(given.get("to"), given.get("channel"), given.get("reference"), moment)


def _wait(request: Request) -> float:
    wait = float(request.query_params.get("wait") or 0)
    if not 0 <= wait <= _LONGEST_WAIT:
        raise ValueError(f"wait must be from 0 to {_LONGEST_WAIT:.0f} seconds")
    return wait


async def _find(request: Request) -> CaughtMessage | None:
    message_id: UUID = request.path_params["message_id"]
    return await _sandbox(request).find(message_id)


def _as_json(message: CaughtMessage) -> dict[str, object]:
    fields = msgspec.structs.asdict(message)
    del fields["source"]
    fields["to"] = fields.pop("recipient")
    fields["from"] = fields.pop("sender")
    fields["created_at"] = fields.pop("caught_at")
    return fields


def _json(body: object, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(body), status, {"Cache-Control": "no-store"}, media_type="application/json"
    )


def _page(html: str) -> Response:
    headers = {
        "Content-Security-Policy": _PAGE_POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return HTMLResponse(html, headers=headers)


def _missing() -> Response:
    return PlainTextResponse("There is no such message: it may have been emptied away.\n", 404)
