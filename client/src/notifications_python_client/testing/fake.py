"""A fake of the API inside the test's process: no server, no sockets, the contract's answers."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import urlsplit

from notifications_python_client.errors import TokenError
from notifications_python_client.testing import forms, shapes
from notifications_python_client.testing.inbox import CaughtMessage, Inbox

SERVICE_ID = "d3a00000-0000-4000-8000-0000000000fa"
API_KEY = f"fake-{SERVICE_ID}-d3a00000-0000-4000-8000-00000000005e"
PAGE = 250

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
        self._by_key: Dict[str, Tuple[Optional[str], Answer]] = {}

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
        template = shapes.template(kind, body, subject, name)
        template_id: str = template["id"]
        self.templates[template_id] = template
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
        key = request.headers.get("Idempotency-Key", "")
        asked, earlier = self._by_key.get(key, (None, None))
        if earlier is not None and asked == request.body:
            return earlier
        if earlier is not None:
            message = "Idempotency-Key was used for another request in the last 24 hours"
            raise RefusedError(422, "IdempotencyError", message)
        answer = 201, self._send(parts[0] if parts else "", _decoded(request.body))
        if key:
            self._by_key[key] = request.body, answer
        return answer

    def _send(self, channel: str, body: Any) -> Dict[str, Any]:
        is_pdf = channel == "letter" and isinstance(body, dict) and "content" in body
        kind = "precompiled" if is_pdf else channel
        if kind not in forms.FORMS:
            raise RefusedError(404, "NoResultFound", "No result found")
        mistakes = forms.mistakes_in(kind, body)
        if mistakes:
            raise RefusedError(400, "ValidationError", *mistakes)
        if kind == "precompiled":
            return self._accept_pdf(body)
        template = self._known(body["template_id"], channel)
        subject, text = self._fill(template, body.get("personalisation") or {})
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

    def _fill(self, template: Mapping[str, Any], values: Mapping[str, Any]) -> Tuple[Optional[str], str]:
        missing = shapes.missing(template, values)
        if missing:
            raise RefusedError(400, "BadRequestError", f"Missing personalisation: {', '.join(missing)}")
        return shapes.filled(template, values)

    def _accept(
        self, channel: str, body: Mapping[str, Any], template: Mapping[str, Any], subject: Any, text: str
    ) -> Dict[str, Any]:
        message = shapes.notification(channel, body, template, self.status)
        message.update(subject=subject, body=text)
        self.messages.append(message)
        return shapes.accepted(message, body)

    def _accept_pdf(self, body: Mapping[str, Any]) -> Dict[str, Any]:
        if not forms.is_base64(body["content"]):
            mistake = "Cannot decode letter content (invalid base64 encoding)"
            raise RefusedError(400, "BadRequestError", mistake)
        template = {"id": str(uuid.UUID(int=0)), "version": 1}
        message = shapes.notification("letter", body, template, self.status)
        message.update(subject="Pre-compiled PDF", postage=body.get("postage", "second"))
        message.update(line_1="Provided as PDF")
        self.messages.append(message)
        return {"id": message["id"], "reference": body["reference"], "postage": message["postage"]}

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
        subject, text = self._fill(template, (_decoded(body) or {}).get("personalisation") or {})
        kept = {name: template[name] for name in ("id", "type", "version", "postage")}
        html = f"<p>{text}</p>" if template["type"] == "email" else None
        return {**kept, "body": text, "subject": subject, "html": html}

    def _caught(self, query: Dict[str, Any]) -> List[CaughtMessage]:
        wanted = {name: query.get(name) for name in ("to", "channel", "reference") if query.get(name)}
        shown = [shapes.caught(message) for message in reversed(self.messages)]
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


def _fits(message: Mapping[str, Any], query: List[Tuple[str, str]]) -> bool:
    for argument, key in (("status", "status"), ("template_type", "type"), ("reference", "reference")):
        wanted = [value for name, value in query if name == argument]
        if wanted and message[key] not in wanted:
            return False
    return True
