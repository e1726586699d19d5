"""Who may look into the inbox: people on this machine, or whoever has the token; other sites' pages never."""

from starlette.requests import Request

from pillarbox import visitors

COOKIE = "pillarbox_inbox"
_CLOSED = "The inbox is open on this machine only, unless PILLARBOX_INBOX_TOKEN is set."


def refusal(request: Request, token: str | None) -> str | None:
    """Return why a request may not see or change the inbox, in a sentence for people; None if it may."""
    return visitors.refusal(request, token, _given(request), _CLOSED)


def _given(request: Request) -> str:
    in_header = visitors.bearer(request)
    return in_header or request.query_params.get("token") or request.cookies.get(COOKIE, "")
