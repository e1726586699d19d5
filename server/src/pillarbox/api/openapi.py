"""The API described as OpenAPI 3.1: made from the schemas that check requests, and those of answers."""

from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from pillarbox import __version__
from pillarbox.api import schemas
from pillarbox.api.answers import ANSWERS, CHANNELS, ID, Schema, named
from pillarbox.api.openapi_answers import (
    ANY,
    BODY,
    BULK_ERROR,
    HEADERS,
    INVALID,
    MISSING,
    RATE,
    SENDING,
    UNSTORABLE,
    Classes,
    answer,
    errors,
    failures,
    shown_headers,
)
from pillarbox.api.responses import json_response
from pillarbox.api.state import base_url
from pillarbox.messages.statuses import FILTERS

_ABOUT = """\
Send texts, emails and letters, and see what became of them. Clients of the GOV.UK Notify API work with this server.

Every request but those for status and unsubscribing carries a token: a JSON Web Token signed (HS256) with the last 36
characters of an API key, with the service id as `iss` and the time as `iat`, not more than 30 seconds off."""

_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body within 24 hours sends one message and gives one answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


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
            "headers": HEADERS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"token": []}],
    }


async def get_openapi(request: Request) -> Response:
    """Show the document, with the address that it was asked at."""
    return json_response({**document(), "servers": [{"url": base_url(request)}]})


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
        post + "bulk": {"post": _with_errors(bulk, 400, BULK_ERROR)},
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
            "get": _read("getNotification", "One message", "Messages", "Notification", INVALID | MISSING),
        },
        "/v2/notifications/{notification_id}/pdf": {"parameters": [by_id], "get": _pdf()},
        "/v2/notifications": {
            "get": _read(
                "listNotifications", "Messages, newest first, 250 a page", "Messages", "NotificationPage",
                INVALID | UNSTORABLE,
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
    known = INVALID | MISSING
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
                "listTemplates", "All templates", "Templates", "TemplateList", INVALID,
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
        "responses": {"200": answer("All is well.", named("Status")), "500": errors(500, ANY[500])},
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
    created = answer("Accepted: the message is on disk and queued.", sent, *RATE, "Idempotency-Replayed")
    return {
        "operationId": operation,
        "tags": ["Sending"],
        "summary": summary,
        "parameters": [_IDEMPOTENCY_KEY],
        "requestBody": _json_body(body),
        "responses": {"201": {**created, "links": links}, **failures(BODY | SENDING, *RATE)},
    }


_REFUSED_ROW: Schema = {"description": "Anything else: the answer has the errors of this row."}


def _bulk_body() -> Schema:
    """What a row looks like depends on the template's channel; a row that looks otherwise is refused by itself."""
    body = schemas.BULK.schema
    rows = {"items": {"anyOf": [schemas.BULK_SMS_ROW.schema, schemas.BULK_EMAIL_ROW.schema, _REFUSED_ROW]}}
    return {**body, "properties": {**body["properties"], "rows": {**body["properties"]["rows"], **rows}}}


def _with_errors(operation: Schema, status: int, classes: dict[str, str]) -> Schema:
    """Add classes of errors to those that an operation answers with."""
    more = {str(status): errors(status, SENDING[status] | classes, *RATE)}
    return {**operation, "responses": {**operation["responses"], **more}}


def _preview() -> Schema:
    body = {key: value for key, value in schemas.PREVIEW.schema.items() if key != "required"}
    body["properties"] = {"personalisation": {"type": "object"}}
    classes = BODY | MISSING
    return {
        "operationId": "previewTemplate",
        "tags": ["Templates"],
        "summary": "What a template makes of some personalisation",
        "requestBody": {**_json_body(body), "required": False},
        "responses": {"200": answer("The filled texts.", named("Preview")), **failures(classes)},
    }


def _pdf() -> Schema:
    problems = {
        "ValidationError": "an id is not of the form below",
        "BadRequestError": "no letter, or one that has no PDF for good",
        "PDFNotReadyError": "not made or scanned yet: try again later",
    }
    content = {"application/pdf": {"schema": {"type": "string", "contentMediaType": "application/pdf"}}}
    pdf = {"description": "The PDF.", "headers": shown_headers(), "content": content}
    return {
        "operationId": "getPdf",
        "tags": ["Messages"],
        "summary": "The PDF of a letter",
        "responses": {"200": pdf, **failures({400: problems} | MISSING)},
    }


def _template_version(classes: Classes) -> Schema:
    """A version that is no number is an unknown route, whose answers have the other envelope."""
    read = _read("getTemplateVersion", "A template in one of its versions", "Templates", "Template", classes)
    content = read["responses"]["404"]["content"]["application/json"]
    content["schema"] = {"anyOf": [content["schema"], named("Refusal")]}
    return read


def _versions() -> Schema:
    read = _read("listTemplateVersions", "All versions of a template, newest first", "Templates",
                 "TemplateVersionList", INVALID)  # fmt: skip
    read["responses"]["404"] = answer("No such template in this service.", named("Refusal"))
    return read


def _unsubscribe() -> Schema:
    return {
        "operationId": "unsubscribe",
        "tags": ["Others"],
        "security": [],
        "summary": "What mail programs post when somebody unsubscribes with one click",
        "responses": {
            "200": answer(
                "Kept for the service to act on; again is the same as once.", named("Unsubscribed")
            ),
            "404": answer("The link is not valid, or too old.", named("Refusal")),
            "500": errors(500, ANY[500]),
        },
    }


def _read(
    operation: str,
    summary: str,
    tag: str,
    shown: str,
    classes: Classes = INVALID,
    *,
    parameters: list[Schema] | None = None,
    links: Schema | None = None,
) -> Schema:
    found = answer("Found.", named(shown))
    return {
        "operationId": operation,
        "tags": [tag],
        "summary": summary,
        **({"parameters": parameters} if parameters else {}),
        "responses": {"200": {**found, **({"links": links} if links else {})}, **failures(classes)},
    }


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
