"""The API's routes, and the answers to what no route knows."""

from collections.abc import Awaitable, Callable

from psycopg import DataError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from pillarbox.actions.refusals import Refused
from pillarbox.api import (
    bulk,
    errors,
    notifications,
    openapi,
    received_texts,
    reference,
    sending,
    status,
    templates,
    unsubscribing,
)
from pillarbox.api.auth import authenticate
from pillarbox.api.errors import ApiError
from pillarbox.content.placeholders import PersonalisationError
from pillarbox.store.notifications import ClaimLapsedError

Answer = Callable[[Request], Awaitable[Response]]


class Endpoint:
    """An answer to requests as an application of its own.

    For plain functions Starlette puts another handler of exceptions around each, beside the one that all share.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.__qualname__ = answer.__qualname__  # for the log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = await self._answer(Request(scope, receive, send))
        await response(scope, receive, send)


def _route(path: str, answer: Answer, *methods: str) -> Route:
    return Route(path, Endpoint(answer), methods=methods)


ROUTES = [
    _route("/v2/notifications/sms", sending.post_sms, "POST"),
    _route("/v2/notifications/email", sending.post_email, "POST"),
    _route("/v2/notifications/letter", sending.post_letter, "POST"),
    _route("/v2/notifications/bulk", bulk.post_bulk, "POST"),
    _route("/v2/notifications/{notification_id}", notifications.get_notification, "GET"),
    _route("/v2/notifications/{notification_id}/pdf", notifications.get_pdf, "GET"),
    _route("/v2/notifications/{channel}", sending.post_unknown, "POST"),
    _route("/v2/notifications", notifications.get_notifications, "GET"),
    _route("/v2/template/{template_id}", templates.get_template, "GET"),
    _route(
        "/v2/template/{template_id}/version/{version:version}",
        templates.get_template_version,
        "GET",
    ),
    _route("/v2/template/{template_id}/preview", templates.post_preview, "POST"),
    _route("/v2/received-text-messages", received_texts.get_received_texts, "GET"),
    _route("/service/{service_id}/template/{template_id}/versions", templates.get_versions, "GET"),
    _route("/unsubscribe/{notification_id:uuid}/{token}", unsubscribing.post_unsubscribe, "POST"),
    _route("/v2/templates", templates.get_templates, "GET"),
    _route("/", status.get_status, "GET", "POST"),
    _route("/_status", status.get_status, "GET", "POST"),
    _route("/services/_status", status.get_documents_status, "GET"),
    _route("/openapi.json", openapi.get_openapi, "GET"),
    _route("/docs", reference.get_docs, "GET"),
    _route("/docs/style.css", reference.get_style, "GET"),
]


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer unknown routes and wrong methods; OPTIONS on a known route needs a token, as everything does."""
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette's handlers are typed for any exception
    if error.status_code == 404:
        return errors.second_envelope(404, errors.NOT_FOUND)
    if request.method == "OPTIONS":
        return await _options(request, error)
    return errors.second_envelope(405, errors.NOT_ALLOWED, dict(error.headers or {}))


async def _options(request: Request, error: HTTPException) -> Response:
    try:
        await authenticate(request)
    except ApiError as refusal:
        return await errors.on_api_error(request, refusal)
    return Response(status_code=200, headers=error.headers)


EXCEPTION_HANDLERS = {
    ApiError: errors.on_api_error,
    Refused: errors.on_refused,
    DataError: errors.on_unstorable,
    PersonalisationError: errors.on_unwritable,
    ClaimLapsedError: errors.on_lapsed,
    HTTPException: on_http_exception,
}
