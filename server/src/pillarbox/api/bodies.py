"""How much of a body is read, and for how long: nobody can fill the memory or hold a request open for ever.

The contract knows no such limits, since the gateway in front of the service it describes has them.
"""

import asyncio
import sys
from time import monotonic

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pillarbox.api.errors import ApiError

# A connection puts this into the state of a request whose body is here already: no more than it reads at once.
ARRIVED = "body_has_arrived"

MOST_BYTES = 10 * 1024 * 1024
SECONDS = 30.0
# Of all requests that one process is reading or answering at a moment.
MOST_BYTES_AT_ONCE = 256 * 1024 * 1024


class BodyLimits:
    """Lets routes read bodies of up to `most` bytes that arrive within so many seconds.

    A route hears of it as an `ApiError` where it reads the body, so that whoever may not send at all is told that
    first: 413 before anything is read if the headers say how long the body is, else as soon as it is too long; 408
    when the time is over; 503 while too many large bodies are in hand.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int = MOST_BYTES,
        seconds: float = SECONDS,
        most_at_once: int = MOST_BYTES_AT_ONCE,
    ) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds
        self._most_at_once = most_at_once
        self._in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body within limits."""
        if scope["type"] != "http" or (ARRIVED in scope["state"] and _declared(scope) <= self._most):
            await self._app(scope, receive, send)
            return
        read = 0
        complete = False
        deadline: float | None = None

        async def limited() -> Message:
            nonlocal read, complete, deadline
            if complete:  # whoever asks now wants to hear of the connection's end
                return await receive()
            if _declared(scope) > self._most:
                raise _too_large(self._most)
            deadline = deadline or monotonic() + self._seconds
            message = await _within(deadline, receive, scope)
            size = len(message.get("body", b""))
            read += size
            self._in_hand += size
            if read > self._most:
                raise _too_large(self._most)
            if self._in_hand > self._most_at_once:
                raise _busy(scope)
            complete = not message.get("more_body", False)
            return message

        try:
            await self._app(scope, limited, send)
        finally:
            self._in_hand -= read


async def read_body(request: Request) -> bytes:
    """Return the body; asked once more, the same.

    Raises:
        ApiError: it is over one of the limits.
        ClientDisconnect: the caller hung up before the end of it.
    """
    state = request.scope["state"]
    if "body" not in state:
        state["body"] = await _all_parts(request.receive)
    body: bytes = state["body"]
    return body


async def _all_parts(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _within(deadline: float, receive: Receive, scope: Scope) -> Message:
    try:
        async with asyncio.timeout(deadline - monotonic()):
            return await receive()
    except TimeoutError as error:
        scope["state"]["headers"].append((b"connection", b"close"))  # what may still come is no next request
        raise ApiError(408, "RequestTimeoutError", ("The request body took too long to arrive",)) from error


def _declared(scope: Scope) -> int:
    """The length that the headers give; the HTTP parser has refused what is no number."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if len(length) < 20 else sys.maxsize


def _too_large(most: int) -> ApiError:
    message = f"The request body is too large. It cannot be larger than {most} bytes."
    return ApiError(413, "RequestTooLargeError", (message,))


def _busy(scope: Scope) -> ApiError:
    scope["state"]["headers"].append((b"retry-after", b"1"))
    return ApiError(503, "ServiceUnavailableError", ("Too many large requests at once: try again",))
