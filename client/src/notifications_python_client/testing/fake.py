"""A fake of the API inside the test's process: no server, no sockets, the contract's answers."""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import urlsplit

from notifications_python_client.errors import TokenError
from notifications_python_client.testing import forms
from notifications_python_client.testing.inbox import CaughtMessage, Inbox, as_delivered

SERVICE_ID = "d3a00000-0000-4000-8000-0000000000fa"
API_KEY = f"fake-{SERVICE_ID}-d3a00000-0000-4000-8000-00000000005e"
PAGE = 250
_PLACEHOLDER = re.compile(r"\(\(([^()?]+)(?:\?\?[^()]*)?\)\)")

Answer = Tuple[int, Any]


class Request(NamedTuple):
    """A request as it would have gone out."""

    method: str
    path: str
    query: List[Tuple[str, str]]
    headers: Mapping[str, str]
    body: Optional[str]


class RefusedError(Exception):
    """What the API answers instead of success."""

    def __init__(self, status: int, error: str, *messages: str) -> None:
        super().__init__(status, error, messages)
        self.answer: Answer = (
            status,
            {"status_code": status, "errors": [{"error": error, "message": message} for message in messages]},
        )


class FakeNotify:
    """Answers the calls of every client in this process.

    Requests are checked for their form as the server does, so that a test finds a wrong property or a malformed
    address. Any template id is good until the first `add_template`; after that only those, and their
    placeholders must have values.

    Attributes:
        api_key: a key that this fake knows; it takes any other of the right form too.
        messages: what was accepted, oldest first, as `get_notification_by_id` shows it.
        status: what messages become at once.
    """

    def __init__(self) -> None:
        self.api_key = API_KEY
        self.status = "delivered"
        self.templates: Dict[str, Dict[str, Any]] = {}
        self.messages: List[Dict[str, Any]] = []
        self.inbox = Inbox(self._caught, datetime.min.replace(tzinfo=timezone.utc))
        self._answers_to_come: List[Answer] = []
        self._by_key: Dict[str, Answer] = {}

    def add_template(self, kind: str, body: str, subject: Optional[str] = None, name: str = "") -> str:
        """Make a template.

        Args:
            kind: `sms`, `email` or `letter`.
            body: its text, with ((placeholders)).
            subject: for emails and letters.
            name: what it is called.

        Returns:
            Its id.
        """
        template_id = str(uuid.uuid4())
        names = dict.fromkeys(_PLACEHOLDER.findall(f"{subject or ''} {body}"))
        self.templates[template_id] = {
            "id": template_id,
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
        return template_id

    def fail_next(
        self, status: int, error: str = "Exception", message: str = "Internal server error"
    ) -> None:
        """Answer the next request with an error."""
        self._answers_to_come.append(RefusedError(status, error, message).answer)

    def answer(self, request: Request) -> Answer:
        """Answer a request.

        Returns:
            The status, and the body as a value; bytes for a PDF.
        """
        if self._answers_to_come:
            return self._answers_to_come.pop(0)
        try:
            _check_token(request.headers)
            return self._route(request)
        except RefusedError as refusal:
            return refusal.answer

    def _route(self, request: Request) -> Answer:
        parts = [part for part in request.path.split("/") if part]
        if request.method == "POST" and parts[:2] == ["v2", "notifications"]:
            return self._send_once(parts[2:], request)
        if parts[:2] == ["v2", "notifications"]:
            return 200, self._notifications(parts[2:], request.query)
        if parts == ["v2", "received-text-messages"]:
            return 200, {"received_text_messages": [], "links": {"current": request.path}}
        if parts == ["v2", "templates"]:
            return 200, {"templates": self._templates_of(dict(request.query).get("type"))}
        if parts[:2] == ["v2", "template"]:
            return 200, self._template(parts[2:], request.body)
        return 404, {"result": "error", "message": "The requested URL was not found on the server."}

    def _send_once(self, parts: List[str], request: Request) -> Answer:
        key = request.headers.get("Idempotency-Key")
        if key in self._by_key:
            return self._by_key[key]
        answer = 201, self._send(parts[0] if parts else "", _decoded(request.body))
        if key:
            self._by_key[key] = answer
        return answer

    def _send(self, channel: str, body: Any) -> Dict[str, Any]:
        kind = (
            "precompiled" if channel == "letter" and isinstance(body, dict) and "content" in body else channel
        )
        if kind not in forms.FORMS:
            raise RefusedError(404, "NoResultFound", "No result found")
        mistakes = forms.mistakes_in(kind, body)
        if mistakes:
            raise RefusedError(400, "ValidationError", *mistakes)
        if kind == "precompiled":
            return self._accept_pdf(body)
        template = self._known(body["template_id"], channel)
        subject, text = _filled(template, body.get("personalisation") or {})
        unsent = forms.mistakes_in_address(body["personalisation"]) if channel == "letter" else []
        if unsent:
            raise RefusedError(400, "ValidationError", *unsent)
        return self._accept(channel, body, template, subject, text)

    def _known(self, template_id: str, channel: str) -> Dict[str, Any]:
        canonical = str(uuid.UUID(template_id))
        if not self.templates:
            return {"id": canonical, "version": 1, "body": "", "subject": None, "personalisation": {}}
        template = self.templates.get(canonical)
        if template is None:
            raise RefusedError(400, "BadRequestError", "Template not found")
        if template["type"] != channel:
            wrong = f"{template['type']} template is not suitable for {channel} notification"
            raise RefusedError(400, "BadRequestError", wrong)
        return template

    def _accept(
        self, channel: str, body: Mapping[str, Any], template: Mapping[str, Any], subject: Any, text: str
    ) -> Dict[str, Any]:
        message = self._store(channel, body, template, subject, text)
        content: Dict[str, Any] = {"body": text}
        content.update({"from_number": "GOVUK"} if channel == "sms" else {"subject": subject})
        if channel == "email":
            content["from_email"] = "fake@notify.test"
            content["one_click_unsubscribe_url"] = body.get("one_click_unsubscribe_url")
        answer = {name: message[name] for name in ("id", "reference", "template", "scheduled_for")}
        answer.update(content=content, uri=f"http://fake/v2/notifications/{message['id']}")
        if channel == "email":
            answer["sanitised_content"] = {}
        return answer

    def _accept_pdf(self, body: Mapping[str, Any]) -> Dict[str, Any]:
        if not forms.is_base64(body["content"]):
            message = "Cannot decode letter content (invalid base64 encoding)"
            raise RefusedError(400, "BadRequestError", message)
        template = {"id": str(uuid.UUID(int=0)), "version": 1}
        stored = self._store("letter", body, template, "Pre-compiled PDF", "")
        stored.update(postage=body.get("postage", "second"), line_1="Provided as PDF")
        return {"id": stored["id"], "reference": body["reference"], "postage": stored["postage"]}

    def _store(
        self, channel: str, body: Mapping[str, Any], template: Mapping[str, Any], subject: Any, text: str
    ) -> Dict[str, Any]:
        values = body.get("personalisation") or {}
        now, version = _now(), template["version"]
        uri = f"http://fake/v2/template/{template['id']}/version/{version}"
        message: Dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "reference": body.get("reference"),
            "type": channel,
            "email_address": body.get("email_address"),
            "phone_number": body.get("phone_number"),
            **{f"line_{n}": values.get(f"address_line_{n}") for n in range(1, 7)},
            "postcode": values.get("postcode"),
            "status": "received" if channel == "letter" else self.status,
            "template": {"id": template["id"], "version": version, "uri": uri},
            "body": text,
            "subject": subject,
            "created_at": now,
            "sent_at": now,
            "completed_at": now,
            "created_by_name": None,
            "scheduled_for": None,
            "postage": "second" if channel == "letter" else None,
            "one_click_unsubscribe_url": body.get("one_click_unsubscribe_url"),
            "is_cost_data_ready": True,
            "cost_in_pounds": 0.0,
            "cost_details": {},
        }
        self.messages.append(message)
        return message

    def _notifications(self, parts: List[str], query: List[Tuple[str, str]]) -> Any:
        if parts:
            return self._notification(parts)
        mistakes = forms.mistakes_in_query(query)
        if mistakes:
            raise RefusedError(400, "ValidationError", *mistakes)
        found = [m for m in reversed(self.messages) if _fits(m, query)]
        older_than = dict(reversed(query)).get("older_than")
        if older_than:
            ids = [message["id"] for message in found]
            found = found[ids.index(older_than) + 1 :] if older_than in ids else []
        links = {"current": "http://fake/v2/notifications"}
        if found[:PAGE]:
            links["next"] = f"http://fake/v2/notifications?older_than={found[:PAGE][-1]['id']}"
        return {"notifications": found[:PAGE], "links": links}

    def _notification(self, parts: List[str]) -> Any:
        mistake = forms.uuid("notification_id", parts[0])
        if mistake:
            raise RefusedError(400, "ValidationError", mistake)
        found = [message for message in self.messages if message["id"] == str(uuid.UUID(parts[0]))]
        if not found:
            raise RefusedError(404, "NoResultFound", "No result found")
        if parts[1:] != ["pdf"]:
            return found[0]
        if found[0]["type"] != "letter":
            raise RefusedError(400, "BadRequestError", "Notification is not a letter")
        return b"%PDF-1.4 fake"

    def _templates_of(self, kind: Optional[str]) -> List[Dict[str, Any]]:
        found = [template for template in self.templates.values() if kind in (None, template["type"])]
        return sorted(found, key=lambda template: (template["name"], template["type"]))

    def _template(self, parts: List[str], body: Optional[str]) -> Any:
        mistake = forms.uuid("id", parts[0])
        if mistake:
            raise RefusedError(400, "ValidationError", mistake)
        template = self.templates.get(str(uuid.UUID(parts[0])))
        if template is None:
            raise RefusedError(404, "NoResultFound", "No result found")
        if parts[1:] != ["preview"]:
            return template
        subject, text = _filled(template, (_decoded(body) or {}).get("personalisation") or {})
        kept = {name: template[name] for name in ("id", "type", "version", "postage")}
        html = f"<p>{text}</p>" if template["type"] == "email" else None
        return {**kept, "body": text, "subject": subject, "html": html}

    def _caught(self, query: Dict[str, Any]) -> List[CaughtMessage]:
        wanted = {name: query.get(name) for name in ("to", "channel", "reference") if query.get(name)}
        shown = [_as_caught(message) for message in reversed(self.messages)]
        return [m for m in shown if all(dict(m)[name] == value for name, value in wanted.items())]


def path_and_query(url: str) -> Tuple[str, str]:
    """Take a URL apart."""
    split = urlsplit(url)
    return split.path, split.query


def _check_token(headers: Mapping[str, str]) -> None:
    # Imported here, since authentication loads PyJWT only to read tokens.
    from notifications_python_client.authentication import get_token_issuer  # noqa: PLC0415 - see above

    scheme, _, token = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise RefusedError(401, "AuthError", "Unauthorized: authentication bearer scheme must be used")
    try:
        uuid.UUID(get_token_issuer(token))
    except TokenError as error:
        raise RefusedError(403, "AuthError", "Invalid token: iss field not provided") from error
    except ValueError as error:
        message = "Invalid token: service id is not the right data type"
        raise RefusedError(403, "AuthError", message) from error


def _decoded(body: Optional[str]) -> Any:
    try:
        return json.loads(body or "")
    except ValueError as error:
        raise RefusedError(400, "BadRequestError", "Invalid JSON supplied in POST data") from error


def _filled(template: Mapping[str, Any], values: Mapping[str, Any]) -> Tuple[Optional[str], str]:
    given = {_plain(name): value for name, value in values.items() if value is not None}
    missing = [name for name in template["personalisation"] if _plain(name) not in given]
    if missing:
        raise RefusedError(400, "BadRequestError", f"Missing personalisation: {', '.join(missing)}")

    def value(match: re.Match[str]) -> str:
        return str(given[_plain(match.group(1))])

    subject = template["subject"]
    return (
        None if subject is None else _PLACEHOLDER.sub(value, subject),
        _PLACEHOLDER.sub(value, template["body"]),
    )


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


def _fits(message: Mapping[str, Any], query: List[Tuple[str, str]]) -> bool:
    for argument, key in (("status", "status"), ("template_type", "type"), ("reference", "reference")):
        wanted = [value for name, value in query if name == argument]
        if wanted and message[key] not in wanted:
            return False
    return True


def _as_caught(message: Mapping[str, Any]) -> CaughtMessage:
    return {
        "id": message["id"],
        "notification_id": message["id"],
        "channel": message["type"],
        "to": as_delivered(message["phone_number"] or message["email_address"] or message["line_1"] or ""),
        "subject": message["subject"],
        "body": message["body"],
        "reference": message["reference"],
        "created_at": message["created_at"],
    }


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
