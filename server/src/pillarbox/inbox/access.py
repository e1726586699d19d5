"""Who may look into the inbox: people on this machine, or whoever has the token."""

import hmac
from ipaddress import ip_address

from starlette.requests import Request

COOKIE = "pillarbox_inbox"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def may_look(request: Request, token: str | None) -> bool:
    """With a token set, whether the request has it; without one, whether it comes from this machine.

    The name in the Host header is looked at too: a page elsewhere may point a name of its own at loopback.
    """
    if token is not None:
        return hmac.compare_digest(_given(request).encode(), token.encode())
    return _from_loopback(request) and request.url.hostname in _LOCAL_NAMES


def is_own_form(request: Request) -> bool:
    """Whether a form was sent from our own page, not from one elsewhere."""
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.url.scheme}://{request.headers.get('host')}"


def _given(request: Request) -> str:
    header = request.headers.get("authorization", "")
    if header[:7].lower() == "bearer ":
        return header[7:]
    return request.query_params.get("token") or request.cookies.get(COOKIE, "")


def _from_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
