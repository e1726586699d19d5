"""The fake's answers: templates, messages and what was caught, shaped as the contract has them (section 4)."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Optional, Tuple

from notifications_python_client.testing.inbox import CaughtMessage, as_delivered

_PLACEHOLDER = re.compile(r"\(\(([^()?]+)(?:\?\?[^()]*)?\)\)")


def template(kind: str, body: str, subject: Optional[str], name: str) -> Dict[str, Any]:
    """Make a template of a new id."""
    names = dict.fromkeys(_PLACEHOLDER.findall(f"{subject or ''} {body}"))
    return {
        "id": str(uuid.uuid4()),
        "type": kind,
        "name": name or f"{kind} template",
        "created_at": _now(),
        "updated_at": None,
        "created_by": "someone@example.gov.uk",
        "version": 1,
        "body": body,
        "subject": subject,
        "personalisation": {placeholder: {"required": True} for placeholder in names},
        "postage": "second" if kind == "letter" else None,
        "letter_contact_block": None,
    }


def missing(template: Mapping[str, Any], values: Mapping[str, Any]) -> List[str]:
    """Name the placeholders without a value."""
    given = {_plain(name) for name, value in values.items() if value is not None}
    return [name for name in template["personalisation"] if _plain(name) not in given]


def filled(template: Mapping[str, Any], values: Mapping[str, Any]) -> Tuple[Optional[str], str]:
    """Fill subject and body."""
    given = {_plain(name): str(value) for name, value in values.items()}

    def fill(text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: given[_plain(match.group(1))], text)

    subject = template["subject"]
    return None if subject is None else fill(subject), fill(template["body"])


def notification(
    channel: str, body: Mapping[str, Any], template: Mapping[str, Any], status: str
) -> Dict[str, Any]:
    """Make a message from an accepted request; its texts come after."""
    values = body.get("personalisation") or {}
    now, version = _now(), template["version"]
    uri = f"http://fake/v2/template/{template['id']}/version/{version}"
    is_letter = channel == "letter"
    return {
        "id": str(uuid.uuid4()),
        "reference": body.get("reference"),
        "type": channel,
        "email_address": body.get("email_address"),
        "phone_number": body.get("phone_number"),
        **{f"line_{n}": values.get(f"address_line_{n}") for n in range(1, 7)},
        "postcode": values.get("postcode"),
        "status": "received" if is_letter else status,
        "template": {"id": template["id"], "version": version, "uri": uri},
        "body": "",
        "subject": None,
        "created_at": now,
        "sent_at": now,
        "completed_at": now,
        "created_by_name": None,
        "scheduled_for": None,
        "postage": "second" if is_letter else None,
        "one_click_unsubscribe_url": body.get("one_click_unsubscribe_url"),
        "is_cost_data_ready": True,
        "cost_in_pounds": 0.0,
        "cost_details": {},
        **({"estimated_delivery": now} if is_letter else {}),
    }


def accepted(message: Mapping[str, Any], body: Mapping[str, Any]) -> Dict[str, Any]:
    """Shape the answer to a send."""
    content: Dict[str, Any] = {"body": message["body"]}
    answer = {name: message[name] for name in ("id", "reference", "template", "scheduled_for")}
    answer.update(content=content, uri=f"http://fake/v2/notifications/{message['id']}")
    if message["type"] == "sms":
        content["from_number"] = "GOVUK"
    else:
        content["subject"] = message["subject"]
    if message["type"] == "email":
        content["from_email"] = "fake@notify.test"
        content["one_click_unsubscribe_url"] = body.get("one_click_unsubscribe_url")
        answer["sanitised_content"] = {}
    return answer


def caught(message: Mapping[str, Any]) -> CaughtMessage:
    """Show a message as the inbox does."""
    recipient = message["phone_number"] or message["email_address"] or message["line_1"] or ""
    return {
        "id": message["id"],
        "notification_id": message["id"],
        "channel": message["type"],
        "to": as_delivered(recipient),
        "subject": message["subject"],
        "body": message["body"],
        "reference": message["reference"],
        "created_at": message["created_at"],
    }


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
