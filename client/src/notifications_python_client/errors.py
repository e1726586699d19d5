"""What can go wrong, as a tree of exceptions (public API contract, section 12).

The published classes are `APIError`, `HTTPError`, `HTTP503Error`, `InvalidResponse` and those for tokens.
Below `HTTPError` stand narrower ones, so that a program can catch what it can act on and let the rest pass.
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any, Dict, FrozenSet, List, Optional, Type, Union

REQUEST_ERROR_STATUS_CODE = 503
REQUEST_ERROR_MESSAGE = "Request failed"

Message = Union[str, List[Dict[str, Any]], Any]

_REQUIREMENTS = (
    "See our requirements for JSON Web Tokens at "
    "https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
)


class TokenError(Exception):
    """A token could not be accepted.

    Attributes:
        message: what is wrong, with the address of the requirements.
        token: the token's claims or text, as far as it was read.
    """

    def __init__(self, message: str = "", token: Any = None) -> None:
        self.message = f"{message}. {_REQUIREMENTS}"
        self.token = token
        super().__init__(message, token)

    def __str__(self) -> str:
        return self.message


class TokenExpiredError(TokenError):
    """The token was issued too long ago, or is dated in the future."""


class TokenAlgorithmError(TokenError):
    """The token is signed with something other than HS256."""


class TokenDecodeError(TokenError):
    """The token is no JSON Web Token, or its signature does not fit the secret."""


class TokenIssuerError(TokenDecodeError):
    """The token does not say who issued it."""


class TokenIssuedAtError(TokenDecodeError):
    """The token does not say when it was issued."""


class APIError(Exception):
    """A call did not give what was asked for.

    Args:
        response: the HTTP answer, anything with `status_code`, `headers` and `json()`; None if none came.
        message: replaces what the answer itself says.
    """

    def __init__(self, response: Any = None, message: Optional[Message] = None) -> None:
        self.response = response
        self._message = message
        super().__init__(response, message)

    def __str__(self) -> str:
        return f"{self.status_code} - {self.message}"

    @property
    def status_code(self) -> int:
        """The HTTP status of the answer; 503 when there was no answer."""
        if self.response is None:
            return REQUEST_ERROR_STATUS_CODE
        status: int = self.response.status_code
        return status

    @property
    def message(self) -> Message:
        """The answer's `message`, else its list of `errors`, else `Request failed`."""
        if self._message is None:
            self._message = _said_by(self.response)
        return self._message

    @property
    def errors(self) -> List[Dict[str, Any]]:
        """What is wrong as a list of `{"error", "message"}`, whichever shape the answer had."""
        if isinstance(self.message, list):
            return [item if isinstance(item, dict) else self._as_item(item) for item in self.message]
        return [self._as_item(self.message)]

    @property
    def is_retryable(self) -> bool:
        """Whether the same call may succeed later without a change."""
        return self.status_code in _RETRYABLE

    @property
    def retry_after(self) -> Optional[float]:
        """Seconds the server asks to wait (`Retry-After`, seconds or a date); None if it does not say."""
        text = self._header("Retry-After")
        if text is None:
            return None
        return _seconds(text)

    @property
    def request_id(self) -> Optional[str]:
        """The name under which the server's operators find this request in their logs, if it gave one."""
        return self._header("X-Request-ID") or self._header("X-B3-TraceId")

    def _header(self, name: str) -> Optional[str]:
        headers = getattr(self.response, "headers", None)
        value = headers.get(name) if headers is not None else None
        return value if isinstance(value, str) else None

    def _as_item(self, message: Any) -> Dict[str, Any]:
        return {"error": type(self).__name__, "message": message}


class InvalidResponse(APIError):  # noqa: N818 - the published name
    """The status says success, but the body is not JSON."""

    @property
    def is_retryable(self) -> bool:
        """A connection that breaks within the headers leaves an answer without a body."""
        return True


class HTTPError(APIError):
    """The answer's status is 4xx or 5xx; narrower classes below say which kind."""


class BadRequestError(HTTPError):
    """400: the request cannot be carried out as it stands."""


class ValidationError(BadRequestError):
    """400: the request's form is wrong; `errors` has one entry for each mistake."""


class PDFNotReadyError(BadRequestError):
    """400: the letter's PDF is still being made; ask again later."""

    @property
    def is_retryable(self) -> bool:
        """The PDF will be there later."""
        return True


class AuthError(HTTPError):
    """401 or 403: the API key is wrong or revoked, or this machine's clock is off."""


class ForbiddenError(HTTPError):
    """403: the key is good, but may not do this."""


class NotFoundError(HTTPError):
    """404: no such notification, template or route, or it is past retention."""


class ConflictError(HTTPError):
    """409: a request with the same idempotency key is still under way."""


class IdempotencyError(HTTPError):
    """422: the idempotency key was used before with a different body."""


class RateLimitError(HTTPError):
    """429: too many requests a minute; wait and try again."""


class DailyLimitError(HTTPError):
    """429: the service's limit for the day is used up; it starts anew at midnight UTC."""

    @property
    def is_retryable(self) -> bool:
        """Not today."""
        return False


class ServerError(HTTPError):
    """5xx other than 503."""


class HTTP503Error(HTTPError):
    """503, and every failure without an answer."""


class NetworkError(HTTP503Error):
    """No answer: the server cannot be reached, or the connection broke."""


class RequestTimeoutError(HTTP503Error):
    """No answer within the client's time-out. A send may have been accepted all the same."""


class StatusNotReachedError(Exception):
    """A message did not get the status that was waited for.

    Attributes:
        wanted: the statuses waited for.
        notification: the message as it was last seen.
    """

    def __init__(self, wanted: FrozenSet[str], notification: Any) -> None:
        super().__init__(wanted, notification)
        self.wanted = wanted
        self.notification = notification

    def __str__(self) -> str:
        seen = self.notification
        return f"Notification {seen['id']} is {seen['status']}, not {', '.join(sorted(self.wanted))}"


_RETRYABLE = frozenset([408, 409, 425, 429, 500, 502, 503, 504])

_BY_STATUS: Dict[int, Type[HTTPError]] = {
    400: BadRequestError,
    401: AuthError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: IdempotencyError,
    429: RateLimitError,
    503: HTTP503Error,
}

# The name in the answer is more telling than the status; None stands for any status.
_BY_NAME: Dict[str, Type[HTTPError]] = {
    "AuthError": AuthError,
    "PDFNotReadyError": PDFNotReadyError,
    "TooManyRequestsError": DailyLimitError,
    "ValidationError": ValidationError,
    "InvalidPhoneError": ValidationError,
    "InvalidEmailError": ValidationError,
}


def error_from(response: Any) -> HTTPError:
    """Make the error for an answer of status 4xx or 5xx.

    Args:
        response: anything with `status_code`, `headers` and `json()`.

    Returns:
        An `HTTPError` of the narrowest class that fits the status and the answer's first `error`.
    """
    status = response.status_code
    fallback = ServerError if isinstance(status, int) and status >= 500 else HTTPError
    kind = _BY_STATUS.get(status, fallback)
    error = kind(response)
    named = _BY_NAME.get(error.errors[0].get("error", "")) if error.errors else None
    return named(response, error.message) if named and status < 500 else error


def _said_by(response: Any) -> Message:
    try:
        body = response.json()
        return body["message"] if "message" in body else body["errors"]
    except (AttributeError, KeyError, TypeError, ValueError):
        return REQUEST_ERROR_MESSAGE


def _seconds(text: str) -> Optional[float]:
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
