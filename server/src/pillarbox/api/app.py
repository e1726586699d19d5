"""The API's routes, and the answers to what no route knows."""

from psycopg import DataError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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

ROUTES = [
    Route("/v2/notifications/sms", sending.post_sms, methods=["POST"]),
    Route("/v2/notifications/email", sending.post_email, methods=["POST"]),
    Route("/v2/notifications/letter", sending.post_letter, methods=["POST"]),
    Route("/v2/notifications/bulk", bulk.post_bulk, methods=["POST"]),
    Route("/v2/notifications/{notification_id}", notifications.get_notification, methods=["GET"]),
    Route("/v2/notifications/{notification_id}/pdf", notifications.get_pdf, methods=["GET"]),
    Route("/v2/notifications/{channel}", sending.post_unknown, methods=["POST"]),
    Route("/v2/notifications", notifications.get_notifications, methods=["GET"]),
    Route("/v2/template/{template_id}", templates.get_template, methods=["GET"]),
    Route(
        "/v2/template/{template_id}/version/{version:version}",
        templates.get_template_version,
        methods=["GET"],
    ),
    Route("/v2/template/{template_id}/preview", templates.post_preview, methods=["POST"]),
    Route("/v2/received-text-messages", received_texts.get_received_texts, methods=["GET"]),
    Route("/service/{service_id}/template/{template_id}/versions", templates.get_versions, methods=["GET"]),
    Route("/unsubscribe/{notification_id:uuid}/{token}", unsubscribing.post_unsubscribe, methods=["POST"]),
    Route("/v2/templates", templates.get_templates, methods=["GET"]),
    Route("/", status.get_status, methods=["GET", "POST"]),
    Route("/_status", status.get_status, methods=["GET", "POST"]),
    Route("/services/_status", status.get_documents_status, methods=["GET"]),
    Route("/openapi.json", openapi.get_openapi, methods=["GET"]),
    Route("/docs", reference.get_docs, methods=["GET"]),
    Route("/docs/style.css", reference.get_style, methods=["GET"]),
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
