"""The API described as OpenAPI 3.1: made from the schemas that check requests, and those of answers."""

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pillarbox import __version__
from pillarbox.api import schemas
from pillarbox.api.answers import ANSWERS, CHANNELS, ID, Schema, named
from pillarbox.api.bodies import MOST_BYTES, SECONDS
from pillarbox.api.responses import json_response
from pillarbox.messages.statuses import FILTERS

_ABOUT = """\
Send texts, emails and letters, and see what became of them. Clients of the GOV.UK Notify API work with this server.

Every request but those for status and unsubscribing carries a token: a JSON Web Token signed (HS256) with the last 36
characters of an API key, with the service id as `iss` and the time as `iat`, not more than 30 seconds off."""

# Classes of errors that routes answer with, by status: what each is for.
_ANY = {
    401: {"AuthError": "no token, or not as a bearer token"},
    403: {"AuthError": "the token is not good: its message says why"},
    500: {"Exception": "`Internal server error`: our fault; quote the request-id"},
}
_BODY = {
    400: {
        "BadRequestError": "not JSON, or nested over 100 levels deep",
        "ValidationError": "not of the form below: one error for each mistake",
    },
    408: {"RequestTimeoutError": f"the body took more than {SECONDS:.0f} seconds to arrive"},
    413: {"RequestTooLargeError": f"the body is larger than {MOST_BYTES} bytes"},
    503: {"ServiceUnavailableError": "too many large requests at once: try again"},
}
_SENDING = {
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
_BULK_ERROR = {"BulkError": "some rows are refused, so none was accepted; `rows` tells of each"}
_INVALID = {400: {"ValidationError": "an id or an argument is not of the form below"}}
_MISSING = {404: {"NoResultFound": "`No result found`: nothing of that id is the service's"}}
_UNSTORABLE = {404: {"DataError": "`No result found`: an argument holds a NUL character"}}

_HEADERS: dict[str, Schema] = {
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
_RATE = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")

_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body within 24 hours sends one message and gives one answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}

Classes = dict[int, dict[str, str]]


@cache
def document() -> Schema:
    """Return the whole document, but for `servers`."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pillarbox", "version": __version__, "description": _ABOUT},
        "tags": [{"name": name} for name in ("Sending", "Messages", "Templates", "Others")],
        "paths": {**_sending_paths(), **_message_paths(), **_template_paths(), **_other_paths()},
        "components": {
            "schemas": ANSWERS,
            "headers": _HEADERS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"token": []}],
    }


async def get_openapi(request: Request) -> Response:
    """Show the document, with the address that it was asked at."""
    return json_response({**document(), "servers": [{"url": request.state.config.base_url(request)}]})


def _sending_paths() -> Schema:
    post = "/v2/notifications/"
    letter, sent_letter = schemas.LETTER.schema, named("SentLetter")
    bulk = _sending("sendMany", "Send texts or emails to many", _bulk_body(), named("SentInBulk"), {})
    return {
        post + "sms": {
            "post": _sending("sendText", "Send a text", schemas.SMS.schema, named("SentText"), _LINKS)
        },
        post + "email": {
            "post": _sending("sendEmail", "Send an email", schemas.EMAIL.schema, named("SentEmail"), _LINKS)
        },
        post + "letter": {
            "post": _sending("sendLetter", "Send a letter", letter, sent_letter, _LETTER_LINKS)
        },
        post + "bulk": {"post": _with_errors(bulk, 400, _BULK_ERROR)},
    }


def _message_paths() -> Schema:
    by_id = _in_path("notification_id", "The id that the sending route answered with.")
    pages: dict[str, Schema] = {
        "reference": {"type": "string"},
        "status": {"type": "array", "items": {"enum": list(FILTERS)}},
        "template_type": {"type": "array", "items": {"enum": CHANNELS}},
        "include_jobs": {"enum": ["true", "True"]},
        "older_than": ID,
    }
    received = _read("listReceivedTexts", "Received texts, newest first", "Messages", "ReceivedTextPage")
    return {
        "/v2/notifications/{notification_id}": {
            "parameters": [by_id],
            "get": _read("getNotification", "One message", "Messages", "Notification", _INVALID | _MISSING),
        },
        "/v2/notifications/{notification_id}/pdf": {"parameters": [by_id], "get": _pdf()},
        "/v2/notifications": {
            "get": _read(
                "listNotifications", "Messages, newest first, 250 a page", "Messages", "NotificationPage",
                _INVALID | _UNSTORABLE,
                parameters=[_in_query(name, schema) for name, schema in pages.items()],
            )
        },
        "/v2/received-text-messages": {"get": received | {"parameters": [_in_query("older_than", ID)]}},
    }  # fmt: skip


def _template_paths() -> Schema:
    by_id = _in_path("template_id", "The id of a template of the service.")
    version = {
        "name": "version",
        "in": "path",
        "required": True,
        "description": "One of its versions; 0 is the current one.",
        "schema": {"type": "integer", "minimum": 0},
    }
    first = "/templates/0/id"
    links = {
        "template": _link("getTemplate", "template_id", first),
        "preview": _link("previewTemplate", "template_id", first),
        "version": _link("getTemplateVersion", "template_id", first),
    }
    known = _INVALID | _MISSING
    return {
        "/v2/template/{template_id}": {
            "parameters": [by_id],
            "get": _read("getTemplate", "A template in its current version", "Templates", "Template", known),
        },
        "/v2/template/{template_id}/version/{version}": {
            "parameters": [by_id, version],
            "get": _template_version(known),
        },
        "/v2/template/{template_id}/preview": {"parameters": [by_id], "post": _preview()},
        "/v2/templates": {
            "get": _read(
                "listTemplates", "All templates", "Templates", "TemplateList", _INVALID,
                parameters=[_in_query("type", {"enum": CHANNELS})], links=links,
            )
        },
        "/service/{service_id}/template/{template_id}/versions": {
            "parameters": [_in_path("service_id", "The service's own id."), by_id],
            "get": _versions(),
        },
    }  # fmt: skip


def _other_paths() -> Schema:
    status = {
        "tags": ["Others"],
        "security": [],
        "responses": {"200": _answer("All is well.", named("Status")), "500": _errors(500, _ANY[500])},
    }
    simple = [_in_query("simple", {"type": "string"}, "Do not ask the database.")]
    paths = {
        path: {
            verb: {
                **status,
                "operationId": f"{verb}{name}",
                "summary": f"Whether all is well: {verb.upper()} {path}",
                "parameters": simple,
            }
            for verb in ("get", "post")
        }
        for path, name in (("/", "Root"), ("/_status", "Status"))
    }
    documents = {**status, "operationId": "getDocumentsStatus", "summary": "Whether files are handed out"}
    return {
        "/unsubscribe/{notification_id}/{token}": {
            "parameters": [
                _in_path("notification_id", "The email."),
                _in_path("token", "From the link in the email.", {"type": "string", "minLength": 1}),
            ],
            "post": _unsubscribe(),
        },
        **paths,
        "/services/_status": {"get": documents},
    }


def _sending(operation: str, summary: str, body: Schema, sent: Schema, links: Schema) -> Schema:
    created = _answer("Accepted: the message is on disk and queued.", sent, *_RATE, "Idempotency-Replayed")
    return {
        "operationId": operation,
        "tags": ["Sending"],
        "summary": summary,
        "parameters": [_IDEMPOTENCY_KEY],
        "requestBody": _json_body(body),
        "responses": {"201": {**created, "links": links}, **_failures(_BODY | _SENDING, *_RATE)},
    }


def _bulk_body() -> Schema:
    """What a row looks like depends on the template's channel."""
    body = schemas.BULK.schema
    rows = {"items": {"anyOf": [schemas.BULK_SMS_ROW.schema, schemas.BULK_EMAIL_ROW.schema]}}
    return {**body, "properties": {**body["properties"], "rows": {**body["properties"]["rows"], **rows}}}


def _with_errors(operation: Schema, status: int, classes: dict[str, str]) -> Schema:
    """Add classes of errors to those that an operation answers with."""
    errors = _errors(status, _SENDING[status] | classes, *_RATE)
    return {**operation, "responses": {**operation["responses"], str(status): errors}}


def _preview() -> Schema:
    body = {key: value for key, value in schemas.PREVIEW.schema.items() if key != "required"}
    body["properties"] = {"personalisation": {"type": "object"}}
    classes = _BODY | _MISSING
    return {
        "operationId": "previewTemplate",
        "tags": ["Templates"],
        "summary": "What a template makes of some personalisation",
        "requestBody": {**_json_body(body), "required": False},
        "responses": {"200": _answer("The filled texts.", named("Preview")), **_failures(classes)},
    }


def _pdf() -> Schema:
    problems = {
        "ValidationError": "an id is not of the form below",
        "BadRequestError": "no letter, or one that has no PDF for good",
        "PDFNotReadyError": "not made or scanned yet: try again later",
    }
    content = {"application/pdf": {"schema": {"type": "string", "contentMediaType": "application/pdf"}}}
    pdf = {"description": "The PDF.", "headers": _shown_headers(), "content": content}
    return {
        "operationId": "getPdf",
        "tags": ["Messages"],
        "summary": "The PDF of a letter",
        "responses": {"200": pdf, **_failures({400: problems} | _MISSING)},
    }


def _template_version(classes: Classes) -> Schema:
    """A version that is no number is an unknown route, whose answers have the other envelope."""
    read = _read("getTemplateVersion", "A template in one of its versions", "Templates", "Template", classes)
    content = read["responses"]["404"]["content"]["application/json"]
    content["schema"] = {"anyOf": [content["schema"], named("Refusal")]}
    return read


def _versions() -> Schema:
    read = _read("listTemplateVersions", "All versions of a template, newest first", "Templates",
                 "TemplateVersionList", _INVALID)  # fmt: skip
    read["responses"]["404"] = _answer("No such template in this service.", named("Refusal"))
    return read


def _unsubscribe() -> Schema:
    return {
        "operationId": "unsubscribe",
        "tags": ["Others"],
        "security": [],
        "summary": "What mail programs post when somebody unsubscribes with one click",
        "responses": {
            "200": _answer(
                "Kept for the service to act on; again is the same as once.", named("Unsubscribed")
            ),
            "404": _answer("The link is not valid, or too old.", named("Refusal")),
            "500": _errors(500, _ANY[500]),
        },
    }


def _read(
    operation: str,
    summary: str,
    tag: str,
    answer: str,
    classes: Classes = _INVALID,
    *,
    parameters: list[Schema] | None = None,
    links: Schema | None = None,
) -> Schema:
    found = _answer("Found.", named(answer))
    return {
        "operationId": operation,
        "tags": [tag],
        "summary": summary,
        **({"parameters": parameters} if parameters else {}),
        "responses": {"200": {**found, **({"links": links} if links else {})}, **_failures(classes)},
    }


def _failures(classes: Classes, *headers: str) -> dict[str, Any]:
    together = _ANY | classes
    return {str(status): _errors(status, together[status], *headers) for status in sorted(together)}


def _errors(status: int, classes: dict[str, str], *headers: str) -> Schema:
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
    return _answer(description, schema, *headers)


def _answer(description: str, schema: Schema, *headers: str) -> Schema:
    return {
        "description": description,
        "headers": _shown_headers(*headers),
        "content": {"application/json": {"schema": schema}},
    }


def _shown_headers(*names: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("request-id", *names)}


def _json_body(schema: Schema) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _in_path(name: str, description: str, schema: Schema = ID) -> Schema:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _in_query(name: str, schema: Schema, description: str = "") -> Schema:
    return {"name": name, "in": "query", "schema": schema} | (
        {"description": description} if description else {}
    )


def _link(operation: str, parameter: str, pointer: str) -> Schema:
    return {"operationId": operation, "parameters": {parameter: f"$response.body#{pointer}"}}


_LINKS = {
    "message": _link("getNotification", "notification_id", "/id"),
    "template": _link("getTemplate", "template_id", "/template/id"),
}
_LETTER_LINKS = {"message": _LINKS["message"], "pdf": _link("getPdf", "notification_id", "/id")}
