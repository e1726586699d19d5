"""No key reads or changes what is another service's: every route is asked with the other one's ids."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from pillarbox.api.app import ROUTES

_TEXT = {"phone_number": "07900900123", "personalisation": {"name": "Jo"}}
_EMAIL = {"email_address": "jo@example.com", "personalisation": {"name": "Jo"}}
_ADDRESS = {"address_line_1": "Jo", "address_line_2": "1 Street", "postcode": "SW1A 1AA", "name": "Jo"}


_OWN = "our own template"
_ROW = {"phone_number": "07900900123", "personalisation": {"name": "Jo"}}


@dataclass
class Theirs:
    """What the other service has: whatever of it shows up in an answer to us is a leak."""

    service: str
    sms: str
    email: str
    letter: str
    sender: str
    reply_to: str
    notification: str
    letter_notification: str
    received_text: str

    @property
    def secrets(self) -> list[str]:
        return [self.notification, self.letter_notification, self.received_text, "theirs@example.com"]


Ask = tuple[str, str, Any]
REFUSED = "refused"  # 4xx
NOTHING = "nothing of theirs"  # 200, without anything of theirs
PUBLIC = "no service is concerned"

# Each route, by method and path, with requests that name what is the other service's.
TABLE: dict[tuple[str, str], tuple[str, Callable[[Theirs], list[Ask]]]] = {
    ("POST", "/v2/notifications/sms"): (
        REFUSED,
        lambda t: [("", "", _TEXT | {"template_id": t.sms}), ("", "", _own_text(sms_sender_id=t.sender))],
    ),
    ("POST", "/v2/notifications/email"): (
        REFUSED,
        lambda t: [
            ("", "", _EMAIL | {"template_id": t.email}),
            ("", "", _own_email(email_reply_to_id=t.reply_to)),
        ],
    ),
    ("POST", "/v2/notifications/letter"): (
        REFUSED,
        lambda t: [("", "", {"template_id": t.letter, "personalisation": _ADDRESS})],
    ),
    ("POST", "/v2/notifications/bulk"): (
        REFUSED,
        lambda t: [
            ("", "", {"template_id": t.sms, "rows": [_ROW]}),
            ("", "", {"template_id": _OWN + " sms", "rows": [_ROW], "sms_sender_id": t.sender}),
        ],
    ),
    ("GET", "/v2/notifications/{notification_id}"): (
        REFUSED,
        lambda t: [(t.notification, "", None), (t.letter_notification, "", None)],
    ),
    ("GET", "/v2/notifications/{notification_id}/pdf"): (
        REFUSED,
        lambda t: [(t.letter_notification, "", None), (t.notification, "", None)],
    ),
    ("POST", "/v2/notifications/{channel}"): (REFUSED, lambda t: [(t.notification, "", {})]),
    ("GET", "/v2/notifications"): (
        NOTHING,
        lambda t: [
            ("", "", None),
            ("", "?reference=theirs", None),
            ("", f"?older_than={t.notification}", None),
            ("", "?include_jobs=true&status=created&template_type=letter", None),
        ],
    ),
    ("GET", "/v2/template/{template_id}"): (REFUSED, lambda t: [(t.sms, "", None), (t.letter, "", None)]),
    ("GET", "/v2/template/{template_id}/version/{version}"): (
        REFUSED,
        lambda t: [(t.sms, "", None), (t.email, "", None)],
    ),
    ("POST", "/v2/template/{template_id}/preview"): (
        REFUSED,
        lambda t: [(t.sms, "", {"personalisation": {"name": "Jo"}})],
    ),
    ("GET", "/v2/received-text-messages"): (
        NOTHING,
        lambda t: [("", "", None), ("", f"?older_than={t.received_text}", None)],
    ),
    ("GET", "/service/{service_id}/template/{template_id}/versions"): (
        REFUSED,
        lambda t: [(t.sms, "", None)],
    ),
    ("GET", "/v2/templates"): (NOTHING, lambda t: [("", "", None), ("", "?type=sms", None)]),
    ("POST", "/unsubscribe/{notification_id}/{token}"): (REFUSED, lambda t: [(t.notification, "", None)]),
    ("GET", "/"): (PUBLIC, lambda _t: [("", "", None)]),
    ("POST", "/"): (PUBLIC, lambda _t: [("", "", None)]),
    ("GET", "/_status"): (PUBLIC, lambda _t: [("", "", None)]),
    ("POST", "/_status"): (PUBLIC, lambda _t: [("", "", None)]),
    ("GET", "/services/_status"): (PUBLIC, lambda _t: [("", "", None)]),
    ("GET", "/openapi.json"): (PUBLIC, lambda _t: [("", "", None)]),
    ("GET", "/docs"): (PUBLIC, lambda _t: [("", "", None)]),
    ("GET", "/docs/style.css"): (PUBLIC, lambda _t: [("", "", None)]),
}


def _own_text(**more: Any) -> dict[str, Any]:
    return _TEXT | {"template_id": _OWN + " sms"} | more


def _own_email(**more: Any) -> dict[str, Any]:
    return _EMAIL | {"template_id": _OWN + " email"} | more


def _plain(path: str) -> str:
    """A route's path without the types of its parameters."""
    return path.replace(":int", "").replace(":uuid", "").replace(":version", "")


@pytest.fixture(scope="module")
def theirs(two):
    """The other service with a text, a letter and a received text."""
    other = two.theirs
    post = "/v2/notifications/"
    text = _TEXT | {"template_id": other.templates["sms"], "reference": "theirs"}
    letter = {"template_id": other.templates["letter"], "personalisation": _ADDRESS, "reference": "theirs"}
    notification = two.api.ask(other, "POST", post + "sms", text).json()["id"]
    letter_notification = two.api.ask(other, "POST", post + "letter", letter).json()["id"]
    received = str(uuid.uuid4())
    with psycopg.connect(two.api.database_url) as connection:
        connection.execute(
            "insert into received_text values (%s, %s, now(), '07700900500', '447900900123', 'for them alone')",
            [received, other.id],
        )
    return Theirs(
        service=other.id,
        sms=other.templates["sms"],
        email=other.templates["email"],
        letter=other.templates["letter"],
        sender=other.sms_sender,
        reply_to=other.reply_to,
        notification=notification,
        letter_notification=letter_notification,
        received_text=received,
    )


def _path(route: str, value: str, theirs: Theirs) -> str:
    path = (
        route.replace("{service_id}", theirs.service).replace("{version}", "1").replace("{token}", "x" * 40)
    )
    for name in ("notification_id", "template_id", "channel"):
        path = path.replace(f"{{{name}}}", value)
    return path


def _with_own_template(body: Any, templates: dict[str, str]) -> Any:
    if isinstance(body, dict) and str(body.get("template_id")).startswith(_OWN):
        return body | {"template_id": templates[body["template_id"].removeprefix(_OWN + " ")]}
    return body


def _state(url: str) -> list[Any]:
    """What could be changed: everything but the counters that a refused request touches by contract."""
    with psycopg.connect(url) as connection:
        return [
            connection.execute(f"select count(*) from {table}").fetchone()
            for table in ("notification", "outbox", "unsubscribe_request", "received_text", "template")
        ]


def test_every_route_is_in_the_table() -> None:
    routes = {(method, _plain(r.path)) for r in ROUTES for method in (r.methods or ()) if method != "HEAD"}
    assert routes <= TABLE.keys()
    assert TABLE.keys() <= routes


@pytest.mark.parametrize("kind", ["normal", "team", "test"])
@pytest.mark.parametrize(("method", "route"), TABLE, ids=[" ".join(key) for key in TABLE])
def test_no_route_tells_or_changes_what_is_another_services(two, theirs, method, route, kind) -> None:
    expected, asks = TABLE[method, route]
    before = _state(two.api.database_url)
    for value, query, body in asks(theirs):
        path = _path(route, value, theirs) + query
        answer = two.api.ask(two.ours, method, path, _with_own_template(body, two.ours.templates), kind=kind)
        if expected == REFUSED:
            assert answer.status_code in (400, 403, 404), (path, answer.text)
        else:
            assert answer.status_code == 200, (path, answer.text)
        for secret in theirs.secrets:
            assert secret not in answer.text.replace(path, "") or secret in path, (path, answer.text)
    assert _state(two.api.database_url) == before


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/v2/notifications", "notifications"),
        ("/v2/notifications?reference=theirs", "notifications"),
        ("/v2/notifications?older_than={0.notification}", "notifications"),
        ("/v2/received-text-messages", "received_text_messages"),
        ("/v2/received-text-messages?older_than={0.received_text}", "received_text_messages"),
    ],
)
def test_lists_of_a_service_that_has_nothing_are_empty(two, theirs, path, key) -> None:
    assert two.api.ask(two.ours, "GET", path.format(theirs)).json()[key] == []


def test_the_other_service_does_see_what_is_its_own(two, theirs) -> None:
    """Otherwise all of the above could be refused for another reason."""
    assert two.api.ask(two.theirs, "GET", f"/v2/notifications/{theirs.notification}").status_code == 200
    assert len(two.api.ask(two.theirs, "GET", "/v2/notifications").json()["notifications"]) == 2
    assert (
        len(two.api.ask(two.theirs, "GET", "/v2/received-text-messages").json()["received_text_messages"])
        == 1
    )
    assert two.api.ask(two.theirs, "GET", f"/v2/template/{theirs.sms}").status_code == 200


def test_the_same_idempotency_key_of_two_services_makes_two_messages(two) -> None:
    headers = {"Idempotency-Key": "the same"}
    ids = []
    for service in (two.ours, two.theirs):
        body = _TEXT | {"template_id": service.templates["sms"]}
        answer = two.api.ask(service, "POST", "/v2/notifications/sms", body, kind="test", headers=headers)
        assert answer.status_code == 201
        ids.append(answer.json()["id"])
    assert ids[0] != ids[1]
