"""What schemathesis needs to know of us: a fresh token for each request, and what is there to be asked about.

Bodies and paths that the document forbids are left as they are. Of those that it allows most are filled in with a
template, a recipient and a value for the placeholder, since made-up ones are all refused alike.
"""

import os
import random
import time
from typing import Any

import schemathesis
from schemathesis import GenerationMode

from tests.contract.tokens import sign

_SERVICE, _SECRET = os.environ["TEST_SERVICE_ID"], os.environ["TEST_SECRET"]
_TEMPLATES = dict(pair.split("=") for pair in os.environ["TEST_TEMPLATES"].split(","))
_SENDING = {f"/v2/notifications/{channel}": channel for channel in _TEMPLATES}
_VALUES = {
    "name": "Jo",
    "address_line_1": "Jo Bloggs",
    "address_line_2": "1 High Street",
    "postcode": "SW1A 1AA",
}
_NUMBERS = ("07900900123", "+44 7900 900 123", "07700900002", "+1 202 555 0123", "07700900111")
_choices = random.Random(20_261_122)


@schemathesis.auth(refresh_interval=None)  # else one token serves for five minutes
class Token:
    """Tokens are good for half a minute: one for each request."""

    def get(self, _case: Any, _context: Any) -> str:
        return sign({"iss": _SERVICE, "iat": int(time.time())}, _SECRET)

    def set(self, case: Any, data: str, _context: Any) -> None:
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def map_case(_context: Any, case: Any) -> Any:
    """Fill in most of what is allowed."""
    allowed = case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
    if allowed and _choices.random() < 0.8:
        _fill_path(case)
        if isinstance(case.body, dict):
            _fill_body(case)
    return case


def _fill_path(case: Any) -> None:
    given = case.path_parameters or {}
    if "template_id" in given and given["template_id"] not in _TEMPLATES.values():
        given["template_id"] = _choices.choice(list(_TEMPLATES.values()))
        if "version" in given:
            given["version"] = _choices.choice([0, 1, 2])
    if "service_id" in given:
        given["service_id"] = _SERVICE


def _fill_body(case: Any) -> None:
    channel = _SENDING.get(case.operation.path)
    if case.operation.path == "/v2/notifications/bulk":
        rows = [row for row in case.body["rows"] if isinstance(row, dict)]
        channel = "sms" if any("phone_number" in row for row in rows) else "email"
        for row in rows:
            _fill_message(row, channel)
    elif channel:
        _fill_message(case.body, channel)
    if "personalisation" in case.body:
        case.body["personalisation"] |= _VALUES
    if channel:
        case.body["template_id"] = _TEMPLATES[channel]


def _fill_message(body: dict[str, Any], channel: str) -> None:
    """Recipient and values; the ids of senders and times to send at are seldom there or right."""
    for name in ("sms_sender_id", "email_reply_to_id", "scheduled_for"):
        body.pop(name, None)
    values = body.get("personalisation")
    body["personalisation"] = (values if isinstance(values, dict) else {}) | _VALUES
    if channel == "sms":
        body["phone_number"] = _choices.choice(_NUMBERS)
        body.pop("email_address", None)
        body.pop("one_click_unsubscribe_url", None)
    if channel == "email":
        body["email_address"] = _choices.choice(["jo@example.com", "Jo.Bloggs+x@example.co.uk"])
        body.pop("phone_number", None)
