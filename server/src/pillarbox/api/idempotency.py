"""The `Idempotency-Key` header on the sending routes: the first answer again, for 24 hours."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from pillarbox.api.auth import Caller
from pillarbox.api.bodies import read_body
from pillarbox.api.errors import ApiError, bad_request
from pillarbox.api.state import header, store_of
from pillarbox.store.idempotency import (
    Answered,
    Claim,
    IdempotencyKeys,
    UnderWayError,
    UsedOtherwiseError,
)

Try = Callable[[Claim | None], Awaitable[Response | None]]
Send = Callable[[Claim | None], Awaitable[Response]]

HEADER = b"idempotency-key"
_LONGEST = 255


async def once(request: Request, caller: Caller, send: Send, at_once: Try | None = None) -> Response:
    """Answer a request, but for a key that was used before as it was answered then.

    Callers without the header pay nothing for it.

    Args:
        request: what came.
        caller: from whom.
        send: answers any request, whose key is claimed while it does so.
        at_once: answers requests that need one step only, if the key is free; gives None for all others, without having
            stored anything.

    Raises:
        ApiError: 422 if the key was used with another body, 409 while the first request is under way.
    """
    key = header(request, HEADER)
    wanted = None
    if key is not None:
        wanted = Claim(caller.service.id, _checked(key), await _fingerprint(request, caller), uuid4())
    if at_once is not None and (answer := await at_once(wanted)):
        return answer
    if wanted is None:
        return await send(None)
    keys = store_of(request).idempotency_keys
    found = await _claim(keys, wanted)
    if found is not None:
        headers = {"Idempotency-Replayed": "true"}
        return Response(found.body, 201, headers, media_type="application/json")
    try:
        return await send(wanted)
    except BaseException:
        await keys.release(wanted)
        raise


def _checked(key: str) -> str:
    if not 0 < len(key) <= _LONGEST or not key.isprintable():
        raise bad_request(f"Idempotency-Key must be 1 to {_LONGEST} printable characters")
    return key


async def _fingerprint(request: Request, caller: Caller) -> bytes:
    parts = (request.scope["path"].encode(), caller.key.key_type.encode(), await read_body(request))
    return sha256(b"\0".join(parts)).digest()


async def _claim(keys: IdempotencyKeys, wanted: Claim) -> Answered | None:
    try:
        return await keys.claim(wanted)
    except UsedOtherwiseError as error:
        message = "Idempotency-Key was used for another request in the last 24 hours"
        raise ApiError(422, "IdempotencyError", (message,)) from error
    except UnderWayError as error:
        message = "The first request with this Idempotency-Key is still under way"
        raise ApiError(409, "IdempotencyError", (message,)) from error
