"""Who may look at what is nobody's business outside: people on this machine, or whoever has a token."""

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def refusal(request: Request, token: str | None, given: str, closed: str) -> str | None:
    """Return why a request may not see or change something, in a sentence for people; None if it may.

    With a token set, the request must have it; without one, it must come from this machine, and ask for it by a name
    of this machine: a page elsewhere could point a name of its own at loopback. Requests that a browser sends for
    another site's page are refused either way.

    Args:
        request: the request.
        token: the one that is set.
        given: the one that the request has; empty: none.
        closed: what to say to strangers while no token is set.
    """
    if _from_other_site(request):
        return "This was asked for by another site's page."
    if token is not None:
        right = hmac.compare_digest(given.encode(), token.encode())
        return None if right else "The token is wrong or missing."
    return None if _from_loopback(request) and request.url.hostname in _LOCAL_NAMES else closed


def bearer(request: Request) -> str:
    """Return the token in the Authorization header; empty if there is none."""
    header = request.headers.get("authorization", "")
    return header[7:] if header[:7].lower() == "bearer " else ""


def _from_other_site(request: Request) -> bool:
    """Browsers name the page's site in Origin whenever the page could read the answer or send a form."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def _from_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
