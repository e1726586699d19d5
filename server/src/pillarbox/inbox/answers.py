"""What all of the inbox's routes have in common: who may ask, and what answers look like."""

from collections.abc import Awaitable, Callable
from functools import wraps

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pillarbox.inbox import pages
from pillarbox.inbox.access import COOKIE, refusal

Endpoint = Callable[[Request], Awaitable[Response]]

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FOR_PROGRAMS = ("/inbox/messages", "/inbox/rules", "/inbox/received-texts")


class BadRequestError(ValueError):
    """What was asked for cannot be; the message says why, in words for whoever asked."""


def guarded(endpoint: Endpoint) -> Endpoint:
    """Let only those in who may look; a token in the query is remembered in a cookie of the inbox's own."""

    @wraps(endpoint)
    async def guarded_endpoint(request: Request) -> Response:
        token = request.state.inbox_token
        why_not = refusal(request, token)
        if why_not is not None:
            return _refused(request, why_not)
        response = await endpoint(request)
        if token is not None and request.query_params.get("token"):
            response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/inbox")
        return response

    return guarded_endpoint


def as_json(body: object, status: int = 200) -> Response:
    """An answer for programs."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def mistake(error: object, status: int = 400) -> Response:
    """An answer for programs that asked for what cannot be."""
    return as_json({"error": str(error)}, status)


def page(html: str, status: int = 200) -> Response:
    """An answer for people.

    Its forms must say which site they are of: under `no-referrer`, browsers send them with the origin `null`.
    """
    headers = {"Content-Security-Policy": _PAGE_POLICY, "Referrer-Policy": "same-origin"}
    return HTMLResponse(html, status, headers)


def missing() -> Response:
    """The page in the place of one that is not there."""
    return page(pages.notice("There is no such message", "It may have been emptied away."), 404)


def _refused(request: Request, why_not: str) -> Response:
    if request.url.path == "/inbox/messages" or request.url.path.startswith(_FOR_PROGRAMS[1:]):
        return mistake(why_not, 403)
    return page(pages.notice("This inbox is not open to you", why_not), 403)
