"""Who is asking: from the Authorization header to a service and one of its keys (public API contract, section 1)."""

from time import time

import msgspec
from starlette.requests import Request

from pillarbox.api.errors import ApiError
from pillarbox.api.state import header, store_of
from pillarbox.api.tokens import Token, UnreadableTokenError, WrongAlgorithmError, WrongClockError
from pillarbox.api.uuids import as_uuid
from pillarbox.store.services import ApiKey, Service, Services

_EXAMPLE = "https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
_UNREADABLE = f"Invalid token: make sure your API token matches the example at {_EXAMPLE}"
_CLOCK = "Error: Your system clock must be accurate to within 30 seconds"


class Caller(msgspec.Struct, frozen=True):
    """The service that asks, and the key it asks with."""

    service: Service
    key: ApiKey


async def authenticate(request: Request) -> Caller:
    """Return who is asking.

    Raises:
        ApiError: 401 without a bearer token, else 403 with the first failure in the contract's order.
    """
    token = _read(header(request, b"authorization") or "")
    service = await _service(token, store_of(request).services)
    try:
        return Caller(service, _key(token, service, time()))
    except WrongAlgorithmError as error:
        raise _forbidden("Invalid token: algorithm used is not HS256") from error
    except UnreadableTokenError as error:
        raise _forbidden(_UNREADABLE) from error
    except WrongClockError as error:
        raise _forbidden(_CLOCK) from error


def _read(header: str) -> Token:
    if not header:
        raise _unauthorized("Unauthorized: authentication token must be provided")
    if header[:7].lower() != "bearer ":
        raise _unauthorized("Unauthorized: authentication bearer scheme must be used")
    try:
        return Token.read(header[7:])
    except UnreadableTokenError as error:
        raise _forbidden(_UNREADABLE) from error


async def _service(token: Token, services: Services) -> Service:
    if "iss" not in token.claims:
        raise _forbidden("Invalid token: iss field not provided")
    service_id = as_uuid(token.claims["iss"])
    if service_id is None:
        raise _forbidden("Invalid token: service id is not the right data type")
    service = await services.find(service_id)
    if service is None:
        raise _forbidden("Invalid token: service not found")
    if not service.api_keys:
        raise _forbidden("Invalid token: service has no API keys")
    if not service.active:
        raise _forbidden("Invalid token: service is archived")
    return service


def _key(token: Token, service: Service, now: float) -> ApiKey:
    """Try the keys one after another: a signature that does not fit moves on to the next."""
    for key in service.api_keys:
        if token.is_signed_with(key.secret) and token.claims.get("iat") is not None:
            token.check_claims(now)
            if key.revoked:
                raise _forbidden("Invalid token: API key revoked")
            return key
    raise _forbidden("Invalid token: API key not found")


def _unauthorized(message: str) -> ApiError:
    return ApiError(401, "AuthError", (message,))


def _forbidden(message: str) -> ApiError:
    return ApiError(403, "AuthError", (message,))
