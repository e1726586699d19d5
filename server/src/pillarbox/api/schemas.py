"""What requests must look like: one description checks them and is shown in the OpenAPI document.

All that is wrong is found at once and told in the contract's words (public API contract, section 2): a message is the
property, then what is the matter with it, values written as Python writes them, all single quotes dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from pillarbox.api.errors import ApiError, invalid
from pillarbox.api.uuids import as_uuid
from pillarbox.recipients.email_addresses import parse_email_address
from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.phone_numbers import PhoneNumber

MOST_ROWS = 10_000  # of a bulk request


class Wrong(Exception):  # noqa: N818 - what is the matter with a value
    """A value breaks its rule; the text is the end of the message."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its name, how its value is read, and its JSON Schema."""

    name: str
    read: Callable[[Any], Any]
    schema: Mapping[str, Any]
    required: bool = False


@dataclass(frozen=True)
class ObjectSchema:
    """A JSON object with known properties; unless `others` are ignored, there may be none."""

    properties: tuple[Property, ...]
    others: bool = False
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(p.name for p in self.properties))

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of such objects, for the OpenAPI document."""
        return {
            "type": "object",
            "properties": {p.name: p.schema for p in self.properties},
            "required": [p.name for p in self.properties if p.required],
            "additionalProperties": self.others,
        }

    def read(self, value: object) -> dict[str, Any]:
        """Return the values by property, each as its rule reads it.

        Raises:
            ApiError: 400 with everything that is wrong, in the contract's order.
        """
        if not value:
            value = {}
        if not isinstance(value, dict):
            raise invalid(_unquoted(f"{value!r} is not of type object"))
        read: dict[str, Any] = {}
        wrong: list[str] = []
        for prop in self.properties:
            if prop.name in value:
                try:
                    read[prop.name] = prop.read(value[prop.name])
                except Wrong as error:
                    wrong.append(_unquoted(f"{prop.name} {error}"))
        wrong += [
            f"{p.name} is a required property" for p in self.properties if p.required and p.name not in value
        ]
        if not self.others and not value.keys() <= self.names:
            wrong.append(self._unexpected(value))
        if wrong:
            raise _all_wrong(wrong)
        return read

    def _unexpected(self, value: Mapping[str, Any]) -> str:
        extra = sorted(repr(name) for name in value if name not in self.names)
        verb = "was" if len(extra) == 1 else "were"
        return _unquoted(f"Additional properties are not allowed ({', '.join(extra)} {verb} unexpected)")


def _all_wrong(messages: list[str]) -> ApiError:
    return invalid(*dict.fromkeys(messages))


def _unquoted(message: str) -> str:
    return message.replace("'", "")


def text(value: object) -> str:
    """Text of any length."""
    if not isinstance(value, str):
        raise Wrong(f"{value!r} is not of type string")
    return value


def short_text(value: object) -> str:
    """Text of up to 1000 characters."""
    given = text(value)
    if len(given) > 1000:
        raise Wrong(f"{given!r} is too long")
    return given


def uuid(value: object) -> Any:
    """A UUID in any of its forms."""
    read = as_uuid(value)
    if read is None:
        raise Wrong("is not a valid UUID")
    return read


def json_object(value: object) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Wrong(f"{value!r} is not of type object")
    return value


def list_or_null(value: object) -> list[Any] | None:
    """A list, whose items nobody checks, or null."""
    if value is not None and not isinstance(value, list):
        raise Wrong(f"{value!r} is not of type array, null")
    return value


def phone_number(value: object) -> tuple[str, PhoneNumber]:
    """A phone number of any country: as it was typed, and as it was read."""
    given = text(value)
    try:
        number = PhoneNumber.parse(given)
        number.check_permissions(international_sms=True, landlines=True)
    except InvalidRecipient as error:
        raise Wrong(error.api_message) from error
    return given, number


def email_address(value: object) -> str:
    """An email address."""
    given = text(value)
    try:
        parse_email_address(given)
    except InvalidRecipient as error:
        raise Wrong(error.message) from error
    return given


def https_url(value: object) -> str:
    """A URI that begins with https."""
    if not isinstance(value, str) or not value.startswith("https") or not _is_uri(value):
        raise Wrong("is not a valid https url")
    return value


def _is_uri(value: str) -> bool:
    if not value.isascii() or not value.isprintable() or any(c.isspace() or c in '<>"{}|\\^`' for c in value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.netloc)


def future_moment(value: object) -> None:
    """A moment within the next 24 hours; checked, then ignored."""
    if value is None:
        return
    if not isinstance(value, str):
        raise Wrong(f"{value!r} is not of type string, null")
    try:
        moment = datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError as error:
        raise Wrong(
            "datetime format is invalid. It must be a valid ISO8601 date time format, "
            "https://en.wikipedia.org/wiki/ISO_8601"
        ) from error
    now = datetime.now(UTC)
    if moment < now:
        raise Wrong("datetime can not be in the past")
    if moment > now + timedelta(hours=24):
        raise Wrong("datetime can only be 24 hours in the future")


def rows(value: object) -> list[Any]:
    """From one to ten thousand rows, each of which is checked by itself later."""
    if not isinstance(value, list):
        raise Wrong(f"{type(value).__name__} is not of type array")
    if not 1 <= len(value) <= MOST_ROWS:
        raise Wrong(f"must have from 1 to {MOST_ROWS} rows, and has {len(value)}")
    return value


def one_of(options: tuple[str, ...]) -> Callable[[Any], str]:
    """One of a few texts."""
    shown = f"[{', '.join(options)}]"

    def read(value: object) -> str:
        if value not in options:
            raise Wrong(f"{value} is not one of {shown}")
        return str(value)

    return read


_UUID = {"type": "string", "format": "uuid"}
_TEMPLATE = Property("template_id", uuid, _UUID, required=True)
_REFERENCE = Property("reference", short_text, {"type": "string", "maxLength": 1000})
_PERSONALISATION = Property("personalisation", json_object, {"type": "object"})
_SCHEDULED_FOR = Property("scheduled_for", future_moment, {"type": ["string", "null"]})

SMS = ObjectSchema(
    (
        _REFERENCE,
        Property("phone_number", phone_number, {"type": "string"}, required=True),
        _TEMPLATE,
        _PERSONALISATION,
        _SCHEDULED_FOR,
        Property("sms_sender_id", uuid, _UUID),
    )
)

LETTER = ObjectSchema(
    (_REFERENCE, _TEMPLATE, Property("personalisation", json_object, {"type": "object"}, required=True))
)

_BULK_ROWS = Property("rows", rows, {"type": "array", "minItems": 1, "maxItems": MOST_ROWS}, required=True)
_BULK_COMMIT = Property("commit", one_of(("all", "valid")), {"type": "string", "enum": ["all", "valid"]})

BULK = ObjectSchema(
    (
        _TEMPLATE,
        Property("sms_sender_id", uuid, _UUID),
        Property("email_reply_to_id", uuid, _UUID),
        _BULK_COMMIT,
        _BULK_ROWS,
    )
)
BULK_SMS_ROW = ObjectSchema(
    (
        _REFERENCE,
        Property("phone_number", phone_number, {"type": "string"}, required=True),
        _PERSONALISATION,
    )
)
BULK_EMAIL_ROW = ObjectSchema(
    (
        _REFERENCE,
        Property("email_address", email_address, {"type": "string", "maxLength": 320}, required=True),
        _PERSONALISATION,
        Property(
            "one_click_unsubscribe_url", https_url, {"type": "string", "format": "uri", "pattern": "^https"}
        ),
    )
)

PREVIEW = ObjectSchema((Property("id", uuid, _UUID, required=True), _PERSONALISATION), others=True)

EMAIL = ObjectSchema(
    (
        _REFERENCE,
        Property("email_address", email_address, {"type": "string", "maxLength": 320}, required=True),
        _TEMPLATE,
        _PERSONALISATION,
        _SCHEDULED_FOR,
        Property("email_reply_to_id", uuid, _UUID),
        Property(
            "one_click_unsubscribe_url", https_url, {"type": "string", "format": "uri", "pattern": "^https"}
        ),
        Property("sanitise_content_for", list_or_null, {"type": ["array", "null"]}),
    )
)
