"""JSON answers, and the headers that every answer of the API carries."""

import os
from collections.abc import Mapping
from datetime import datetime

import msgspec
import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = (
    (b"cache-control", b"no-store, no-cache, private, must-revalidate"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-headers", b"Content-Type,Authorization"),
    (b"access-control-allow-methods", b"GET,PUT,POST,DELETE"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains; preload"),
)
_TRACE = b"x-b3-traceid"
_SPAN = b"x-b3-spanid"


def json_response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON; datetimes and ids in the contract's form (section 4)."""
    content = msgspec.json.encode(body)
    return Response(content, status, headers, media_type="application/json")


def timestamp(moment: datetime | None) -> str | None:
    """Write a moment as callers see it: UTC, six decimals, Z."""
    return None if moment is None else moment.isoformat(timespec="microseconds")[:26] + "Z"


def moment(given: datetime | None) -> datetime | str | None:
    """A moment in UTC to be put into JSON: msgspec writes it as `timestamp` does, but for microseconds that are 0."""
    return given if given is None or given.microsecond else timestamp(given)


class ContractHeaders:
    """Adds what every answer carries: caching, CORS, security, trace ids and the request id.

    Routes put more headers, for whatever they will answer, into `more_headers(request)`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = _tracing(scope)
        own: list[tuple[bytes, bytes]] = []
        scope["state"]["headers"] = own

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS, *added, *own]
            await send(message)

        await self._app(scope, receive, complete)


def _tracing(scope: Scope) -> list[tuple[bytes, bytes]]:
    given = {name: value for name, value in scope["headers"] if name in (_TRACE, _SPAN)}
    made_up = os.urandom(40).hex()  # 32 digits for the request, 32 for the trace, 16 for the span
    request_id = made_up[:32]
    scope.setdefault("state", {})["request_id"] = request_id
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return [
        (_TRACE, given.get(_TRACE) or made_up[32:64].encode()),
        (_SPAN, given.get(_SPAN) or made_up[64:].encode()),
        (b"request-id", request_id.encode()),
    ]
