"""The `Idempotency-Key` header on the sending routes: the first answer again, for 24 hours."""

from collections.abc import Awaitable, Callable
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from pillarbox.api.auth import Caller
from pillarbox.api.bodies import read_body
from pillarbox.api.errors import ApiError, bad_request
from pillarbox.api.state import header, store_of
from pillarbox.store.idempotency import Answered, Claim, UnderWayError, UsedOtherwiseError

HEADER = b"idempotency-key"
_LONGEST = 255


async def once(
    request: Request, caller: Caller, send: Callable[[Claim | None], Awaitable[Response]]
) -> Response:
    """Answer as `send` does, but for a key that was used before as it did then.

    Callers without the header pay nothing for it.

    Raises:
        ApiError: 422 if the key was used with another body, 409 while the first request is under way.
    """
    key = header(request, HEADER)
    if key is None:
        return await send(None)
    claim = await _claim(request, caller, _checked(key))
    if isinstance(claim, Answered):
        headers = {"Idempotency-Replayed": "true"}
        return Response(claim.body, 201, headers, media_type="application/json")
    store = store_of(request)
    try:
        return await send(claim)
    except BaseException:
        await store.idempotency_keys.release(claim)
        raise


def _checked(key: str) -> str:
    if not 0 < len(key) <= _LONGEST or not key.isprintable():
        raise bad_request(f"Idempotency-Key must be 1 to {_LONGEST} printable characters")
    return key


async def _claim(request: Request, caller: Caller, key: str) -> Claim | Answered:
    store = store_of(request)
    fingerprint = sha256(
        b"\0".join((request.url.path.encode(), caller.key.key_type.encode(), await read_body(request)))
    )
    try:
        return await store.idempotency_keys.claim(caller.service.id, key, fingerprint.digest())
    except UsedOtherwiseError as error:
        message = "Idempotency-Key was used for another request in the last 24 hours"
        raise ApiError(422, "IdempotencyError", (message,)) from error
    except UnderWayError as error:
        message = "The first request with this Idempotency-Key is still under way"
        raise ApiError(409, "IdempotencyError", (message,)) from error
