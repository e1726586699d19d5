"""What providers post: authenticated, checked, kept, and only then answered."""

import base64
import hmac
from dataclasses import dataclass

import psycopg
import pytest
import requests
import yaml

from pillarbox import bootstrap
from pillarbox.settings import Settings
from tests.support.api import provisioned, serving, settings
from tests.support.factories import MadeService, document

OURS = MadeService("ours", options={"inbound_number": "07700900500", "permissions": ["sms", "inbound_sms"]})
DEAF = MadeService("deaf", options={"inbound_number": "07700900501", "permissions": ["sms"]})

MMG = {
    "username": "u",
    "password": "p",
    "received_username": "username",
    "received_password": "testkey",
}
FIRETEXT = {"api_key": "k", "received_password": "testkey"}
PROVIDERS = [
    {"name": name, "kind": "sms_http", "options": {"description": description, "values": values}}
    for name, description, values in (
        ("mmg", "mmg", MMG),
        ("firetext-1", "firetext", FIRETEXT),
        ("firetext-2", "firetext", FIRETEXT),
        ("twilio", "twilio", {"account_sid": "AC0123", "auth_token": "12345"}),
        ("vonage", "vonage", {"api_key": "k", "api_secret": "s", "signature_secret": "key"}),
    )
]
MISSING = "Unauthorized: authentication token must be provided"
WRONG = "Forbidden: invalid authentication token provided"


@dataclass
class Posted:
    """An API, and what it has kept."""

    base: str
    database_url: str

    def post(self, path, method="POST", **more):
        return requests.request(method, self.base + path, timeout=60, **more)

    def kept(self):
        """All that was kept since somebody last asked."""
        columns = "provider, kind, body, content_type, query"
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(
                f"with gone as (delete from provider_post returning id, {columns}) "
                f"select {columns} from gone order by id"
            ).fetchall()


@pytest.fixture(scope="module")
def running(databases, tmp_path_factory):
    path = tmp_path_factory.mktemp("providers") / "providers.yaml"
    path.write_text(yaml.safe_dump({"providers": PROVIDERS}), encoding="utf-8")
    outside = {"PILLARBOX_API_URL": "https://notify.example.org", "PILLARBOX_PROVIDERS_FILE": str(path)}
    with provisioned(databases, document(OURS, DEAF)) as url:
        app = bootstrap.api_app(Settings.read(settings(url) | outside))
        with serving(app) as base:
            yield Posted(base, url)


@pytest.fixture
def api(running):
    running.kept()
    return running


@pytest.mark.parametrize("path", ["/providers/mmg/receipts", "/notifications/sms/mmg"])
def test_a_receipt_is_kept_as_it_came(api, path):
    body = b'{"CID": "nobody\'s", "status":"3"}'
    answer = api.post(path, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"result": "success"})
    assert answer.headers["content-type"] == "application/json"
    assert api.kept() == [("mmg", "receipt", body, "application/json", "")]


def test_a_receipt_may_come_in_the_query(api):
    signature = hmac.new(b"key", b"&client-ref=a&status=delivered", "sha256").hexdigest()
    query = f"status=delivered&client-ref=a&sig={signature}"
    answer = api.post(f"/providers/vonage/receipts?{query}", "GET")
    assert (answer.status_code, answer.content) == (204, b"")
    assert api.kept() == [("vonage", "receipt", b"", "", query)]
    head = api.post(f"/providers/vonage/receipts?{query}", "HEAD")
    assert head.status_code == 405
    assert api.kept() == []


def test_signatures_cover_the_address_that_the_world_outside_knows(api):
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    text = "https://notify.example.org/providers/twilio/receiptsMessageSidSM1MessageStatusdelivered"
    signature = base64.b64encode(hmac.digest(b"12345", text.encode(), "sha1")).decode()
    sent = {"data": fields, "headers": {"X-Twilio-Signature": signature}}
    assert api.post("/providers/twilio/receipts", **sent).status_code == 204
    assert len(api.kept()) == 1
    assert api.post("/providers/twilio/receipts?x=1", **sent).status_code == 403
    assert api.kept() == []


def text(to="447700900500"):
    return {"MSISDN": "07900900123", "Number": to, "Message": "hello+there", "ID": "x", "DateRecieved": ""}


def test_a_text_to_a_service_is_kept(api):
    sent = {"json": text(), "auth": ("username", "testkey")}
    for path in ("/notifications/sms/receive/mmg", "/providers/mmg/received-texts"):
        answer = api.post(path, **sent)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert [row[:2] for row in api.kept()] == [("mmg", "received_text")] * 2


@pytest.mark.parametrize("to", ["07700900999", "07700900501", "", "\0", "x" * 1000])
def test_a_text_that_nobody_may_get_is_answered_and_dropped(api, to):
    answer = api.post("/notifications/sms/receive/mmg", json=text(to or "0"), auth=("username", "testkey"))
    assert (answer.status_code, answer.text) == (200, "RECEIVED")
    assert api.kept() == []


def test_the_first_of_two_with_the_same_path_gets_what_is_posted_there(api):
    answer = api.post("/notifications/sms/firetext", data={"reference": "a", "status": "0"})
    assert (answer.status_code, answer.json()) == (200, {"result": "success"})
    (kept,) = api.kept()
    assert kept[0] == "firetext-1"


@pytest.mark.parametrize(
    ("path", "sent", "status", "message"),
    [
        ("/notifications/sms/mmg", {"json": {"CID": "a"}}, 400, ["MMG callback failed: status missing"]),
        ("/notifications/sms/mmg", {"json": {}}, 400,
         ["MMG callback failed: status missing", "MMG callback failed: CID missing"]),
        ("/notifications/sms/mmg", {"data": b"status=3"}, 400, ["the body is no JSON"]),
        ("/notifications/sms/firetext", {"data": {"status": "0"}}, 400,
         ["Firetext callback failed: reference missing"]),
        ("/notifications/sms/firetext", {"json": {"status": "0", "reference": "a"}}, 400,
         ["Firetext callback failed: status missing", "Firetext callback failed: reference missing"]),
        ("/notifications/sms/receive/mmg", {"json": text()}, 401, MISSING),
        ("/notifications/sms/receive/mmg", {"json": text(), "auth": ("username", "wrong")}, 403, WRONG),
        ("/notifications/sms/receive/firetext", {"data": {}}, 401, MISSING),
        ("/notifications/sms/receive/firetext", {"data": {}, "auth": ("username", "testkey")}, 403, WRONG),
        ("/providers/twilio/receipts", {"data": {"MessageSid": "a"}}, 401, MISSING),
        ("/providers/mmg/receipts", {"data": b"x" * 300_000}, 413,
         "The request body is too large. It cannot be larger than 262144 bytes."),
        ("/providers/simulator/receipts", {"json": {"id": "a"}}, 404, bootstrap.api.errors.NOT_FOUND),
        ("/providers/nobody/receipts", {}, 404, bootstrap.api.errors.NOT_FOUND),
        ("/providers/mmg/letters", {}, 404, bootstrap.api.errors.NOT_FOUND),
        ("/providers/mmg/receipts", {"method": "DELETE"}, 405, bootstrap.api.errors.NOT_ALLOWED),
        ("/notifications/sms/mmg", {"method": "GET"}, 405, bootstrap.api.errors.NOT_ALLOWED),
    ],
)  # fmt: skip
def test_refusals_come_in_the_second_envelope_and_nothing_is_kept(api, path, sent, status, message):
    answer = api.post(path, **sent)
    assert (answer.status_code, answer.json()) == (status, {"result": "error", "message": message})
    assert api.kept() == []


def test_a_body_that_does_not_say_how_long_it_is_may_not_be_longer_either(api):
    answer = api.post("/providers/mmg/receipts", data=(b"x" * 10_000 for _ in range(40)))
    assert answer.status_code == 413
    assert api.kept() == []


def test_nobody_is_asked_for_a_token_of_the_api(api):
    answer = api.post("/providers/mmg/receipts", json={"CID": "a", "status": "3"})
    assert answer.status_code == 200
