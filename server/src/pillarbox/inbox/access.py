"""Who may look into the inbox: people on this machine, or whoever has the token; other sites' pages never."""

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request

COOKIE = "pillarbox_inbox"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def refusal(request: Request, token: str | None) -> str | None:
    """Return why a request may not see or change the inbox, in a sentence for people; None if it may.

    With a token set, the request must have it; without one, it must come from this machine, and ask for it by a name
    of this machine: a page elsewhere could point a name of its own at loopback. Requests that a browser sends for
    another site's page are refused either way.
    """
    if _from_other_site(request):
        return "This was asked for by another site's page."
    if token is not None:
        return (
            None
            if hmac.compare_digest(_given(request).encode(), token.encode())
            else "The token is wrong or missing."
        )
    if _from_loopback(request) and request.url.hostname in _LOCAL_NAMES:
        return None
    return "The inbox is open on this machine only, unless PILLARBOX_INBOX_TOKEN is set."


def _from_other_site(request: Request) -> bool:
    """Browsers name the page's site in Origin whenever the page could read the answer or send a form."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


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
