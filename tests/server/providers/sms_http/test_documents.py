"""The guide's description works as the guide says; the reference has every key."""

import hmac
import json
import re
from pathlib import Path

import msgspec
import pytest

from pillarbox.messages.posts import Caller, Incoming, Post, Receipt
from pillarbox.providers.base import Accepted, Busy, Rejected, Unknown
from pillarbox.providers.sms_http import description as described
from pillarbox.providers.sms_http.kind import SMS_HTTP, Gateway
from pillarbox.providers.sms_http.reading import shipped
from tests.support.gateway import answer
from tests.support.gateways_of_ours import ID, made, message, opened

DOCS = Path(__file__).parents[4] / "docs"
GUIDE = (DOCS / "how-to" / "sms-gateway.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "sms-http.md").read_text(encoding="utf-8")


@pytest.fixture
def pigeon(tmp_path):
    """The guide's file, put together from its steps; and options for it."""
    examples = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    steps = [example for example in examples if "kind:" not in example]
    assert len(steps) == 4
    added = re.search(r"Add `(password: .*?)` to `values`", GUIDE)
    path = tmp_path / "pigeon.yaml"
    path.write_text("".join(steps).replace("values:\n", f"values:\n  {added[1]}\n", 1), encoding="utf-8")
    return lambda **values: Gateway(
        description=str(path), values={"key": "k", "password": "pass word", **values}
    )


async def test_the_guides_gateway_gets_texts(gateway, pigeon):
    said = [
        answer(202, b'{"data": {"id": "p-1"}}'),
        answer(202, b"{}"),
        answer(400, b'{"error": {"code": "E1", "message": "no number"}}'),
        answer(400, b'{"error": {"code": "E2"}}'),
        answer(400, b'{"error": {"code": "E3"}}'),
    ]
    gateway.scripts += said
    async with opened(made(pigeon(api=gateway.url))) as provider:
        answers = [await provider.submit(message(content='"Hi"')) for _ in said]
    assert answers == [
        Accepted(reference="p-1"),
        Unknown("answered 202"),
        Rejected("answered 400 E1 no number", "E1"),
        Busy("answered 400 E2", "E2"),
        Busy("answered 400 E3", "E3"),
    ]
    asked = gateway.asked[0]
    assert (asked.method, asked.target, asked.headers["x-api-key"]) == ("POST", "/v1/texts", "k")
    assert json.loads(asked.body) == {
        "to": "+447700900123",
        "from": "GOVUK",
        "text": '"Hi"',
        "client_ref": str(ID),
        "callback": "https://pigeon:pass%20word@notify.example.org/providers/gateway/receipts",
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("client_ref=a&state=DELIVERED", "delivered", None),
        ("client_ref=a&state=BUFFERED", "pending", None),
        ("client_ref=a&state=EXPIRED", "temporary-failure", None),
        ("client_ref=a&state=FAILED&cause=3", "temporary-failure", "3"),
        ("client_ref=a&state=FAILED&cause=17", "permanent-failure", "17"),
        ("client_ref=a&state=LOST", "technical-failure", None),
    ],
)
def test_the_guides_gateway_tells_what_became_of_them(pigeon, body, status, code):
    intake = SMS_HTTP.intake("pigeon", pigeon())
    post = Post("pigeon", "receipt", body.encode())
    intake.authenticate(post, Caller("192.0.2.1", {"authorization": "Basic cGlnZW9uOnBhc3Mgd29yZA=="}))
    (receipt,) = intake.read(post)
    assert receipt == Receipt("a", status, code=code, reason=receipt.reason)


def test_the_guides_gateway_brings_texts(pigeon):
    intake = SMS_HTTP.intake("pigeon", pigeon())
    body = b'{"id": "i-1", "msisdn": "447700900123", "shortcode": "60777", "body": "Yes", "at": "?"}'
    post = Post("pigeon", "received_text", body, "application/json")
    signature = hmac.new(b"pass word", body, "sha256").hexdigest()
    intake.authenticate(post, Caller("192.0.2.1", {"x-signature": signature}))
    assert intake.read(post) == [Incoming("447700900123", "60777", "Yes", "i-1")]


def test_the_reference_has_every_key():
    parts = [
        part
        for part in vars(described).values()
        if isinstance(part, type) and issubclass(part, described.Part)
    ]
    keys = {field.encode_name for part in parts for field in msgspec.structs.fields(part)}
    assert len(keys) > 50
    assert {key for key in keys if f"`{key}`" not in REFERENCE} == set()


def test_the_reference_has_every_description_and_its_values():
    from pillarbox.providers.sms_http.reading import load

    for name in shipped():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", REFERENCE, re.MULTILINE)
        assert {value for value in load(name).values if f"`{value}`" not in row} <= {"api"}
