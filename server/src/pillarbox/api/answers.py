"""What answers look like, as JSON Schema (public API contract, section 4): for the OpenAPI document and its page."""

from collections.abc import Mapping
from typing import Any, get_args

from pillarbox.messages.statuses import FILTERS
from pillarbox.store.services import Channel

Schema = dict[str, Any]

CHANNELS = list(get_args(Channel))
POSTAGES = ["first", "second", "economy", "europe", "rest-of-world"]
ID: Schema = {"type": "string", "format": "uuid", "examples": ["740e5834-3a29-46b4-9a6f-16142fde533a"]}
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
URL: Schema = {"type": "string", "format": "uri"}
URL_OR_NULL: Schema = {"type": ["string", "null"], "format": "uri"}
MOMENT: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$",
    "examples": ["2026-05-17T15:58:38.342838Z"],
}
MOMENT_OR_NULL: Schema = MOMENT | {"type": ["string", "null"]}
VERSION: Schema = {"type": "integer", "minimum": 1, "examples": [1]}


def record(properties: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return an object that has these properties, may have those, and has no others."""
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        "additionalProperties": False,
    }


def listing(items: Schema) -> Schema:
    """Return a list."""
    return {"type": "array", "items": items}


def named(name: str) -> Schema:
    """Refer to one of `ANSWERS`."""
    return {"$ref": f"#/components/schemas/{name}"}


_PHONE: Schema = {"type": ["string", "null"], "examples": ["07900900123"]}
_PAGE_LINKS = record({"current": URL}, {"next": URL})
_TEMPLATE_USED = record({"id": ID, "version": VERSION, "uri": URL})
_OF_EVERY_MESSAGE = {
    "id": ID,
    "reference": TEXT_OR_NULL,
    "uri": URL,
    "template": _TEMPLATE_USED,
    "scheduled_for": {"type": "null"},
}
_SANITISED = {"type": "object", "additionalProperties": record({"unsanitised": TEXT, "sanitised": TEXT})}
_EMAIL_CONTENT = record(
    {"from_email": TEXT, "subject": TEXT, "body": TEXT, "one_click_unsubscribe_url": URL_OR_NULL}
)
_COST_DETAILS: Schema = {
    "type": "object",
    "properties": {
        "billable_sms_fragments": {"type": "integer"},
        "international_rate_multiplier": {"type": "integer"},
        "sms_rate": {"type": "number"},
        "billable_sheets_of_paper": {"type": "integer"},
        "postage": {"enum": POSTAGES},
    },
    "additionalProperties": False,
}
_NOTIFICATION = record(
    {
        "id": ID,
        "reference": TEXT_OR_NULL,
        "email_address": TEXT_OR_NULL,
        "phone_number": _PHONE,
        **{f"line_{number}": {} for number in range(1, 7)},  # values as they were sent
        "postcode": {},
        "type": {"enum": CHANNELS},
        "status": {"enum": [status for status in FILTERS if status != "failed"]},
        "template": _TEMPLATE_USED,
        "body": TEXT,
        "subject": TEXT_OR_NULL,
        "created_at": MOMENT,
        "created_by_name": TEXT_OR_NULL,
        "sent_at": MOMENT_OR_NULL,
        "completed_at": MOMENT_OR_NULL,
        "scheduled_for": {"type": "null"},
        "postage": {"enum": [*POSTAGES, None]},
        "one_click_unsubscribe_url": URL_OR_NULL,
        "is_cost_data_ready": {"type": "boolean"},
        "cost_in_pounds": {"type": ["number", "null"]},
        "cost_details": _COST_DETAILS,
    },
    {"estimated_delivery": MOMENT},
)
_TEMPLATE = record(
    {
        "id": ID,
        "type": {"enum": CHANNELS},
        "name": TEXT,
        "created_at": MOMENT,
        "updated_at": MOMENT_OR_NULL,
        "created_by": TEXT_OR_NULL,
        "version": VERSION,
        "body": TEXT,
        "subject": TEXT_OR_NULL,
        "personalisation": {"type": "object", "additionalProperties": record({"required": {"const": True}})},
        "postage": {"enum": [*POSTAGES, None]},
        "letter_contact_block": TEXT_OR_NULL,
    }
)
_TEMPLATE_VERSION = record(
    {
        "id": ID,
        "name": TEXT,
        "template_type": {"enum": CHANNELS},
        "content": TEXT,
        "subject": TEXT_OR_NULL,
        "version": VERSION,
        "archived": {"type": "boolean"},
        "hidden": {"type": "boolean"},
        "service": ID,
        "created_at": MOMENT,
        "updated_at": MOMENT_OR_NULL,
        "created_by": {},
        "postage": {"enum": [*POSTAGES, None]},
        "has_unsubscribe_link": {"type": "boolean"},
    }
)
_RECEIVED_TEXT = record(
    {
        "id": ID,
        "user_number": TEXT,
        "notify_number": TEXT,
        "created_at": MOMENT,
        "service_id": ID,
        "content": TEXT,
    }
)
_ERROR: Schema = {
    "type": "object",
    "properties": {"error": TEXT, "message": TEXT},
    "required": ["error", "message"],
}
_BULK_ROW = {"oneOf": [record({"id": ID, "reference": TEXT_OR_NULL}), record({"errors": listing(_ERROR)})]}

ANSWERS: dict[str, Schema] = {
    "SentText": record({**_OF_EVERY_MESSAGE, "content": record({"body": TEXT, "from_number": TEXT_OR_NULL})}),
    "SentEmail": record({**_OF_EVERY_MESSAGE, "content": _EMAIL_CONTENT, "sanitised_content": _SANITISED}),
    "SentLetter": record({**_OF_EVERY_MESSAGE, "content": record({"body": TEXT, "subject": TEXT})}),
    "SentInBulk": record(
        {
            "template": record({"id": ID, "version": VERSION}),
            "accepted": {"type": "integer", "minimum": 0},
            "refused": {"type": "integer", "minimum": 0},
            "rows": listing(_BULK_ROW),
        }
    ),
    "Notification": _NOTIFICATION,
    "NotificationPage": record({"notifications": listing(named("Notification")), "links": _PAGE_LINKS}),
    "Template": _TEMPLATE,
    "TemplateList": record({"templates": listing(named("Template"))}),
    "TemplateVersion": _TEMPLATE_VERSION,
    "TemplateVersionList": record({"data": listing(named("TemplateVersion"))}),
    "Preview": record(
        {
            "id": ID,
            "type": {"enum": CHANNELS},
            "version": VERSION,
            "body": TEXT,
            "subject": TEXT_OR_NULL,
            "html": TEXT_OR_NULL,
            "postage": {"enum": [*POSTAGES, None]},
        }
    ),
    "ReceivedText": _RECEIVED_TEXT,
    "ReceivedTextPage": record(
        {"received_text_messages": listing(named("ReceivedText")), "links": _PAGE_LINKS}
    ),
    "Unsubscribed": record({"result": {"const": "success"}, "message": TEXT}),
    "Status": record(
        {"status": {"const": "ok"}},
        dict.fromkeys(("git_commit", "build_time", "version", "db_version", "db_bulk_version"), TEXT_OR_NULL),
    ),
    "Errors": {
        "type": "object",
        "description": "What went wrong where a service asked.",
        "properties": {"status_code": {"type": "integer"}, "errors": listing(_ERROR) | {"minItems": 1}},
        "required": ["status_code", "errors"],
        "additionalProperties": False,
    },
    "Refusal": {
        "type": "object",
        "description": "What went wrong where no service is known: unknown routes, methods, links.",
        "properties": {"result": {"const": "error"}, "message": {}},
        "required": ["result", "message"],
        "additionalProperties": False,
    },
}
