"""Callbacks: who sent them, and what they are."""

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications_python_client.callbacks import (
    CallbackError,
    InvalidSignatureError,
    parse_callback,
    sign,
)

TOKEN = "a long enough token"
SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()

RECEIPT = {
    "id": "740e5834-3a29-46b4-9a6f-16142fde533a",
    "reference": None,
    "to": "07900900123",
    "status": "delivered",
    "created_at": "2024-05-17T15:58:38.342838Z",
    "completed_at": "2024-05-17T15:58:39.342838Z",
    "sent_at": "2024-05-17T15:58:38.542838Z",
    "notification_type": "sms",
    "template_id": "f33517ff-2a88-4f6e-b855-c550268ce08a",
    "template_version": 1,
}
TEXT = {
    "id": "1",
    "source_number": "447900900123",
    "destination_number": "07700900500",
    "message": "Hi",
    "date_received": "2024-05-17T15:58:38.342838Z",
}
LETTER = {"notification_id": "1", "reference": None, "date_sent": "2024-05-17T15:58:38.342838Z"}
COMPLAINT = {"notification_id": "1", "complaint_id": "2", "to": "a@b.uk"}


def headers(token=TOKEN):
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def signed(body, secret=SECRET, at=None, message_id="msg_1"):
    at = int(time.time()) if at is None else at
    signature = sign(secret, message_id, at, body)
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": signature}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (RECEIPT, "delivery-status"),
        (TEXT, "received-text"),
        (LETTER, "returned-letter"),
        (COMPLAINT, "complaint"),
    ],
)
def test_each_kind_is_recognised(event, kind):
    callback = parse_callback(headers(), json.dumps(event), bearer_token=TOKEN)
    assert callback == {**event, "kind": kind}


@pytest.mark.parametrize(
    "form",
    [
        {"AUTHORIZATION": f"bearer {TOKEN}"},
        {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "wsgi.version": (1, 0), "CONTENT_LENGTH": "3"},
        [("authorization", f"Bearer {TOKEN}")],
        [(b"authorization", f"Bearer {TOKEN}".encode())],
    ],
)
def test_headers_may_come_from_any_framework(form):
    assert parse_callback(form, json.dumps(RECEIPT).encode(), bearer_token=TOKEN)["id"] == RECEIPT["id"]


@pytest.mark.parametrize(
    "form", [{}, headers("wrong"), {"Authorization": TOKEN}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_a_wrong_token_is_refused(form):
    with pytest.raises(InvalidSignatureError):
        parse_callback(form, json.dumps(RECEIPT), bearer_token=TOKEN)


@pytest.mark.parametrize("body", ["", "no json", "[]", "5", "[" * 100_000, "{}", '{"id": "1"}'])
def test_other_bodies_are_refused(body):
    with pytest.raises(CallbackError) as raised:
        parse_callback(headers(), body, bearer_token=TOKEN)
    assert not isinstance(raised.value, InvalidSignatureError)


def test_a_signature_is_enough():
    body = json.dumps(RECEIPT).encode()
    assert parse_callback(signed(body), body, signing_secret=SECRET)["kind"] == "delivery-status"


def test_the_published_example_of_standard_webhooks_verifies(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1614265330)
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_can_be_changed_without_loss():
    body = json.dumps(RECEIPT).encode()
    new = "whsec_" + base64.b64encode(b"n" * 24).decode()
    both = signed(body)
    both["webhook-signature"] += " " + signed(body, new)["webhook-signature"] + " v2,other"
    for secret in (SECRET, new, [new, SECRET]):
        assert parse_callback(both, body, signing_secret=secret)
    assert parse_callback(signed(body), body, signing_secret=[new, SECRET])


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1,é"},
        {"webhook-id": "another"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "²"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "another"},
    ],
    ids=str,
)
def test_a_changed_request_is_refused(change):
    body = json.dumps(RECEIPT).encode()
    if change.get("webhook-timestamp") == "another":
        change = {"webhook-timestamp": str(int(time.time()) + 1)}
    with pytest.raises(InvalidSignatureError):
        parse_callback({**signed(body), **change}, body, signing_secret=SECRET)
    with pytest.raises(InvalidSignatureError):
        parse_callback(signed(body), body + b" ", signing_secret=SECRET)


@pytest.mark.parametrize("offset", [-310, 310])
def test_a_replayed_request_is_refused(offset):
    body = json.dumps(RECEIPT).encode()
    at = int(time.time()) + offset
    with pytest.raises(InvalidSignatureError, match="too old"):
        parse_callback(signed(body, at=at), body, signing_secret=SECRET)
    assert parse_callback(signed(body, at=at), body, signing_secret=SECRET, tolerance=400)


def test_a_secret_makes_signatures_compulsory():
    with pytest.raises(InvalidSignatureError, match="not signed"):
        parse_callback(headers(), json.dumps(RECEIPT), bearer_token=TOKEN, signing_secret=SECRET)


def test_somebody_who_checks_nothing_is_told_so():
    with pytest.raises(ValueError, match="anybody can post"):
        parse_callback(headers(), json.dumps(RECEIPT))


def test_a_secret_that_is_none_is_told_apart_from_a_bad_request():
    with pytest.raises(ValueError, match="not base64"):
        parse_callback(signed(b"{}"), b"{}", signing_secret="whsec_!")


@given(st.binary())
def test_any_body_is_read_or_refused(body):
    with pytest.raises(CallbackError):
        parse_callback(headers(), body, bearer_token=TOKEN)
