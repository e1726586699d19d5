"""Errors as callers see them: both envelopes of the public API contract (section 11), made in this module alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pillarbox.actions.refusals import Kind, Refused
from pillarbox.api.responses import json_response

NOT_FOUND = (
    "The requested URL was not found on the server. "
    "If you entered the URL manually please check your spelling and try again."
)
NOT_ALLOWED = "The method is not allowed for the requested URL."

_REFUSALS = {
    Kind.BAD_REQUEST: (400, "BadRequestError"),
    Kind.INVALID: (400, "ValidationError"),
    Kind.FORBIDDEN: (403, "BadRequestError"),
    Kind.INVALID_PHONE: (400, "InvalidPhoneError"),
    Kind.INVALID_EMAIL: (400, "InvalidEmailError"),
    Kind.DAILY_LIMIT: (429, "TooManyRequestsError"),
    Kind.UNSTORABLE: (404, "DataError"),
}


@dataclass
class ApiError(Exception):
    """An answer in the first envelope: a status and one or more errors of a class."""

    status: int
    error: str
    messages: tuple[str, ...]
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """The envelope."""
        errors = [{"error": self.error, "message": message, **self.details} for message in self.messages]
        return {"status_code": self.status, "errors": errors}


def bad_request(message: str) -> ApiError:
    """400, what the caller asked for cannot be done."""
    return ApiError(400, "BadRequestError", (message,))


def invalid(*messages: str) -> ApiError:
    """400, the request is not of the form that the schema asks for."""
    return ApiError(400, "ValidationError", messages)


def no_result() -> ApiError:
    """404, nothing of that id belongs to the caller."""
    return ApiError(404, "NoResultFound", ("No result found",))


def refused(refusal: Refused) -> ApiError:
    """Turn an action's refusal into an answer."""
    status, error = _REFUSALS[refusal.kind]
    return ApiError(status, error, (refusal.message,), refusal.details)


def second_envelope(status: int, message: object, headers: dict[str, str] | None = None) -> Response:
    """Answer where no service is known yet: unknown routes, wrong methods."""
    return json_response({"result": "error", "message": message}, status, headers)


async def on_api_error(_request: Request, error: Exception) -> Response:
    """Answer an ApiError."""
    assert isinstance(error, ApiError)  # noqa: S101 - Starlette's handlers are typed for any exception
    return json_response(error.body, error.status)


async def on_refused(_request: Request, error: Exception) -> Response:
    """Answer an action's refusal."""
    assert isinstance(error, Refused)  # noqa: S101 - as above
    answer = refused(error)
    return json_response(answer.body, answer.status)


async def on_unwritable(_request: Request, error: Exception) -> Response:
    """Answer a value that cannot be written as text: nested too deeply, or far too large."""
    return json_response(bad_request(str(error)).body, 400)


async def on_unstorable(_request: Request, _error: Exception) -> Response:
    """Answer a value that the database cannot hold, such as a NUL character."""
    return json_response(ApiError(404, "DataError", ("No result found",)).body, 404)


async def on_lapsed(_request: Request, _error: Exception) -> Response:
    """Answer a request that took so long that its idempotency key was taken over by another try."""
    message = "Another request with this Idempotency-Key took over"
    return json_response(ApiError(409, "IdempotencyError", (message,)).body, 409)


async def on_crash(_request: Request, _error: Exception) -> Response:
    """Answer what should not have happened; the log has the details."""
    return json_response(ApiError(500, "Exception", ("Internal server error",)).body, 500)
