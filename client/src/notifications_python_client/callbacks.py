"""What the server posts to your service: delivery receipts, received texts and more (contract, section 8).

    event = parse_callback(request.headers, request.body, bearer_token=TOKEN)
    if event["kind"] == "delivery-status":
        ...

Works with the headers and body of any framework.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any, Dict, Iterable, List, Literal, Mapping, Optional, Tuple, TypedDict, Union

from notifications_python_client.answers import NotificationType

Headers = Union[Mapping[str, Any], Iterable[Tuple[Union[str, bytes], Union[str, bytes]]]]

DeliveryStatus = Literal["delivered", "permanent-failure", "temporary-failure", "technical-failure", "sent"]


class DeliveryReceipt(TypedDict):
    """What became of a text or email."""

    kind: Literal["delivery-status"]
    id: str
    reference: Optional[str]
    to: str
    status: DeliveryStatus
    created_at: str
    completed_at: Optional[str]
    sent_at: Optional[str]
    notification_type: NotificationType
    template_id: str
    template_version: int


class ReceivedTextCallback(TypedDict):
    """Somebody sent a text to the service."""

    kind: Literal["received-text"]
    id: str
    source_number: str
    destination_number: str
    message: str
    date_received: str


class ReturnedLetter(TypedDict):
    """A letter came back."""

    kind: Literal["returned-letter"]
    notification_id: str
    reference: Optional[str]
    date_sent: str
    sent_by: str
    template_name: Optional[str]
    template_id: Optional[str]
    template_version: Optional[int]
    spreadsheet_file_name: Optional[str]
    spreadsheet_row_number: Optional[int]
    upload_letter_file_name: Optional[str]


class Complaint(TypedDict):
    """Somebody marked an email as spam."""

    kind: Literal["complaint"]
    notification_id: str
    complaint_id: str
    reference: Optional[str]
    to: str
    complaint_date: str


Callback = Union[DeliveryReceipt, ReceivedTextCallback, ReturnedLetter, Complaint]


class CallbackError(Exception):
    """A request is no callback of ours; answer 401 for a bad `InvalidSignatureError`, else 400."""


class InvalidSignatureError(CallbackError):
    """The request was not made by the server, or was changed, or is old."""


# The key that tells a kind of callback, besides `kind` itself; the order matters.
_TELLTALE = (
    ("notification_type", "delivery-status"),
    ("source_number", "received-text"),
    ("complaint_id", "complaint"),
    ("date_sent", "returned-letter"),
)


def parse_callback(
    headers: Headers,
    body: Union[bytes, str],
    *,
    bearer_token: Optional[str] = None,
    signing_secret: Union[str, Iterable[str], None] = None,
    tolerance: float = 300,
) -> Callback:
    """Check that a request comes from the server, and read it.

    Args:
        headers: the request's headers: a mapping (any letter case, also WSGI's `HTTP_…`) or pairs.
        body: the request's body as it came.
        bearer_token: the token that was set with the callback's URL.
        signing_secret: the secret for signatures after Standard Webhooks, `whsec_…`; several while it is
            being changed. With it, requests without a good signature are refused.
        tolerance: how many seconds old or early a signed request may be.

    Returns:
        The callback with its `kind`: `delivery-status`, `received-text`, `returned-letter`, `complaint`.

    Raises:
        InvalidSignatureError: token or signature is wrong.
        CallbackError: the body is none of these.
        ValueError: neither token nor secret was given: anybody could post to you.
    """
    secrets = [signing_secret] if isinstance(signing_secret, str) else list(signing_secret or ())
    if not bearer_token and not secrets:
        raise ValueError("Give the bearer_token or the signing_secret, or anybody can post to you")
    names = _lower_case(headers)
    raw = body.encode() if isinstance(body, str) else bytes(body)
    if bearer_token:
        _check_bearer(names.get("authorization", ""), bearer_token)
    if secrets:
        _check_signature(names, raw, secrets, tolerance)
    return _read(raw)


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Make the `webhook-signature` of a request, as the server does; for tests of your receiver."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()


def _lower_case(headers: Headers) -> Dict[str, str]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    names = {_text(name).lower().replace("_", "-"): value for name, value in pairs}
    # A WSGI environment has other things than text beside its headers.
    return {
        name[5:] if name.startswith("http-") else name: _text(value)
        for name, value in names.items()
        if isinstance(value, (str, bytes))
    }


def _text(value: Union[str, bytes]) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _check_bearer(header: str, token: str) -> None:
    scheme, _, given = header.partition(" ")
    right = hmac.compare_digest(given.strip().encode(), token.encode())
    if scheme.lower() != "bearer" or not right:
        raise InvalidSignatureError("The bearer token is missing or wrong")


def _check_signature(names: Mapping[str, str], body: bytes, secrets: List[str], tolerance: float) -> None:
    message_id, given = names.get("webhook-id", ""), names.get("webhook-signature", "")
    timestamp = names.get("webhook-timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit():
        raise InvalidSignatureError("The request is not signed")
    if abs(time.time() - int(timestamp)) > tolerance:
        raise InvalidSignatureError("The request is too old, or one of the clocks is wrong")
    expected = [sign(secret, message_id, int(timestamp), body).encode() for secret in secrets]
    if not any(hmac.compare_digest(one.encode(), right) for one in given.split() for right in expected):
        raise InvalidSignatureError("The signature is wrong")


def _key(secret: str) -> bytes:
    encoded = secret[len("whsec_") :] if secret.startswith("whsec_") else secret
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("The signing secret is not base64") from error


def _read(body: bytes) -> Callback:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CallbackError("The body is not JSON") from error
    kinds = [kind for key, kind in _TELLTALE if isinstance(event, dict) and key in event]
    if not kinds:
        raise CallbackError("The body is no callback that we know")
    event["kind"] = kinds[0]
    callback: Callback = event
    return callback
