"""How the OpenAPI document describes answers: their headers, and each class of error with what it is for."""

from typing import Any

from pillarbox.api.answers import Schema, named
from pillarbox.api.bodies import MOST_BYTES, SECONDS

Classes = dict[int, dict[str, str]]

# Classes of errors that routes answer with, by status: what each is for.
ANY = {
    401: {"AuthError": "no token, or not as a bearer token"},
    403: {"AuthError": "the token is not good: its message says why"},
    500: {"Exception": "`Internal server error`: our fault; quote the request-id"},
}
BODY = {
    400: {
        "BadRequestError": "not JSON, or nested over 100 levels deep",
        "ValidationError": "not of the form below: one error for each mistake",
    },
    408: {"RequestTimeoutError": f"the body took more than {SECONDS:.0f} seconds to arrive"},
    413: {"RequestTooLargeError": f"the body is larger than {MOST_BYTES} bytes"},
    503: {"ServiceUnavailableError": "too many large requests at once: try again"},
}
SENDING = {
    400: {
        "BadRequestError": "not JSON; or the template, the sender, the recipient or the content does not do",
        "ValidationError": "not of the form below, or not an address: one error for each mistake",
        "InvalidPhoneError": "a number that the service may not send to",
        "InvalidEmailError": "no email address",
    },
    403: {
        "AuthError": "the token is not good: its message says why",
        "BadRequestError": "this key may not send letters",
    },
    404: {"DataError": "a value that cannot be stored, such as a NUL character"},
    409: {"IdempotencyError": "the first request with this Idempotency-Key is still under way"},
    422: {"IdempotencyError": "this Idempotency-Key was used for another request in the last 24 hours"},
    429: {
        "RateLimitError": "too many requests a minute for this type of key",
        "TooManyRequestsError": "as many messages today as the service may send",
    },
}
BULK_ERROR = {"BulkError": "some rows are refused, so none was accepted; `rows` tells of each"}
INVALID = {400: {"ValidationError": "an id or an argument is not of the form below"}}
MISSING = {404: {"NoResultFound": "`No result found`: nothing of that id is the service's"}}
UNSTORABLE = {404: {"DataError": "`No result found`: an argument holds a NUL character"}}

HEADERS: dict[str, Schema] = {
    "request-id": {
        "description": "Names this request in the server's log.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
    "RateLimit-Limit": {
        "description": "Requests that a rested service may send at once.",
        "schema": {"type": "integer"},
    },
    "RateLimit-Remaining": {"description": "How many of them are left.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {
        "description": "Seconds until a request passes again.",
        "schema": {"type": "integer"},
    },
    "Retry-After": {"description": "Seconds to wait before the next try.", "schema": {"type": "integer"}},
    "Idempotency-Replayed": {
        "description": "`true` if this is the answer to an earlier request with the same Idempotency-Key.",
        "schema": {"const": "true"},
    },
}
RATE = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def failures(classes: Classes, *headers: str) -> dict[str, Any]:
    """Return the answers that tell of errors, by status; `classes` beside those of every route."""
    together = ANY | classes
    return {str(status): errors(status, together[status], *headers) for status in sorted(together)}


def errors(status: int, classes: dict[str, str], *headers: str) -> Schema:
    """Return an answer of a status with errors of these classes."""
    description = "\n".join(f"- `{name}`: {meaning}" for name, meaning in classes.items())
    error = {"properties": {"error": {"enum": list(classes)}}}
    schema = {
        "allOf": [
            named("Errors"),
            {"properties": {"status_code": {"const": status}, "errors": {"items": error}}},
        ]
    }
    if status in (429, 503):
        headers = (*headers, "Retry-After")
    return answer(description, schema, *headers)


def answer(description: str, schema: Schema, *headers: str) -> Schema:
    """Return an answer with a body and headers."""
    return {
        "description": description,
        "headers": shown_headers(*headers),
        "content": {"application/json": {"schema": schema}},
    }


def shown_headers(*names: str) -> Schema:
    """Return the headers of an answer, the request-id among them."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("request-id", *names)}
