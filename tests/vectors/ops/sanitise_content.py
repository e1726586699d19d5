"""How the recorded cases for sanitising are asked of `content.sanitising` and `content.emails`."""

from typing import Any

from pillarbox.content.sanitising import NotTextError, sanitise_personalisation, sanitise_value
from tests.vectors.cases import Op, Rejected
from tests.vectors.ops.email import email


def _value(given: dict[str, Any]) -> dict[str, Any]:
    try:
        sanitised = sanitise_value(given["value"])
    except NotTextError as error:
        raise Rejected(str(error)) from error
    shown = email({"content": "Hi ((name))", "values": {"name": sanitised}})
    return {"sanitised": sanitised, "email_text": shown["text"], "email_html": shown["html"]}


def _request(given: dict[str, Any]) -> dict[str, Any]:
    try:
        sanitised = sanitise_personalisation(given["personalisation"], given.get("sanitise_content_for"))
    except NotTextError as error:
        raise Rejected(str(error)) from error
    return {"personalisation": sanitised.personalisation, "sanitised_content": sanitised.changes}


OPS: dict[str, Op] = {"sanitise_value": _value, "sanitise_request": _request}
