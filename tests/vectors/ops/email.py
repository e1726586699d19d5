"""Emails: subject, body, HTML and plain text."""

import re
from typing import Any

from pillarbox.content.emails import EmailTemplate
from pillarbox.content.placeholders import Personalisation

_STYLE = re.compile(r' style="[^"]*"')
_LAYOUT = re.compile(r"</?(?:table|tr|td)\b[^>]*>")


def email(given: dict[str, Any]) -> dict[str, Any]:
    template = EmailTemplate(given.get("subject") or "", given["content"])
    values = Personalisation(given.get("values"))
    link = given.get("unsubscribe_link")
    answer: dict[str, Any] = {
        "text": template.plain(values, link),
        "html": _LAYOUT.sub("", _STYLE.sub("", template.html(values, link))),
        "api_body": template.body(values),
        "preheader": template.preheader(values),
        "empty": template.is_empty(values),
        "size_in_bytes": template.size(values),
    }
    if given.get("subject") is not None:
        answer["subject_text"] = template.subject(values)
        answer["subject_html"] = template.subject_html(values)
    return answer


OPS = {"email": email}
