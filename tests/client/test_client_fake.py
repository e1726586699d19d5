"""The fake: the contract's answers without a server, for clients of both kinds."""

import json
from pathlib import Path

import jwt
import pytest

from notifications_python_client import NotificationsAPIClient, errors
from notifications_python_client.testing import forms
from tests.client import own_loop

CASES = Path(__file__).parents[1] / "contract" / "cases"
KINDS = {
    "post-sms": "sms",
    "post-email": "email",
    "post-letter": "letter",
    "post-precompiled-letter": "precompiled",
}
# What takes tables of numbers, postcodes and countries that only the server has.
BEYOND = (
    "Not a valid country prefix",
    "Number is not valid – double check",
    "must both include at least one alphanumeric",
    "real UK postcode",
    "Must be a real address",
    "Cannot create a usable QR code",
)


def validation_cases():
    for area, kind in KINDS.items():
        for line in (CASES / f"{area}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(
                line.replace("${REPEAT_x_1001}", "x" * 1001).replace("${REPEAT_x_1000}", "x" * 1000)
            )
            if "json" in case["request"] and "tier" not in case:
                yield pytest.param(case, kind, id=case["id"])


def messages_of(answer):
    found = answer.get("errors") if isinstance(answer, dict) else None
    if isinstance(found, list) and found[0]["error"] == "ValidationError":
        return [item["message"] for item in found]
    return []


@pytest.mark.parametrize(("case", "kind"), list(validation_cases()))
def test_requests_are_checked_as_the_contract_has_it(case, kind):
    expected = messages_of(case["expect"].get("json"))
    body = case["request"]["json"]
    found = forms.mistakes_in(kind, body)
    if kind == "letter" and not found and (expected or case["expect"]["status"] == 201):
        found = forms.mistakes_in_address(body["personalisation"])
    moving = [m for m in (*expected, *found) if m.startswith("scheduled_for datetime")]
    if moving or any(text in message for message in expected for text in BEYOND):
        assert found == [] or moving or set(found) <= set(expected)
    else:
        assert found == expected


def test_a_message_is_accepted_and_remembered(notify_fake):
    template = notify_fake.add_template("email", "Dear ((First name)),", "About ((topic))")
    client = NotificationsAPIClient(notify_fake.api_key)
    sent = client.send_email_notification("a@b.uk", template, {"first_name": "Jo", "topic": "you"}, "r")
    assert (sent["content"]["subject"], sent["content"]["body"]) == ("About you", "Dear Jo,")
    assert client.get_notification_by_id(sent["id"])["status"] == "delivered"
    assert client.wait_for_status(sent["id"])["email_address"] == "a@b.uk"
    assert [m["id"] for m in client.get_all_notifications_iterator(reference="r")] == [sent["id"]]
    assert list(client.get_all_notifications_iterator(template_type="sms")) == []
    assert notify_fake.inbox.expect(to="a@b.uk", contains="Dear Jo")["subject"] == "About you"


def test_a_client_made_before_the_fake_is_caught_too(request, api_key):
    client = NotificationsAPIClient(api_key)
    fake = request.getfixturevalue("notify_fake")
    client.send_sms_notification("07900900123", "f33517ff-2a88-4f6e-b855-c550268ce08a")
    assert len(fake.messages) == 1


NOBODY = "f33517ff-2a88-4f6e-b855-c550268ce08a"
MISUSES = [
    (
        lambda c, t: c.send_sms_notification("07900", t, {"name": "Jo"}),
        (errors.ValidationError, "phone_number Not enough digits"),
    ),
    (
        lambda c, t: c.send_sms_notification("07900900123", "x"),
        (errors.ValidationError, "template_id is not a valid UUID"),
    ),
    (
        lambda c, t: c.send_sms_notification("07900900123", t),
        (errors.BadRequestError, "Missing personalisation: name"),
    ),
    (
        lambda c, t: c.send_email_notification("a@b.uk", t),
        (errors.BadRequestError, "sms template is not suitable for email notification"),
    ),
    (
        lambda c, t: c.send_email_notification("nobody", t),
        (errors.ValidationError, "email_address Not a valid email address"),
    ),
    (
        lambda c, t: c.send_letter_notification(t, {}),
        (errors.BadRequestError, "sms template is not suitable for letter notification"),
    ),
    (lambda c, t: c.get_template(NOBODY), (errors.NotFoundError, "No result found")),
    (
        lambda c, t: c.get_notification_by_id("x"),
        (errors.ValidationError, "notification_id is not a valid UUID"),
    ),
    (
        lambda c, t: c.get_all_notifications(template_type="fax"),
        (errors.ValidationError, "template_type fax is not one of [sms, email, letter]"),
    ),
]


@pytest.mark.parametrize(("send", "refusal"), MISUSES)
def test_a_wrong_request_is_refused(notify_fake, send, refusal):
    kind, message = refusal
    template = notify_fake.add_template("sms", "Hello ((name))")
    with pytest.raises(kind) as raised:
        send(NotificationsAPIClient(notify_fake.api_key), template)
    assert raised.value.errors[0]["message"] == message
    assert notify_fake.messages == []


def test_a_wrong_token_is_refused(notify_fake):
    client = NotificationsAPIClient("x" * 73)
    with pytest.raises(errors.AuthError, match="service id is not the right data type"):
        client.get_all_templates()


def test_failures_can_be_rehearsed(notify_fake):
    client = NotificationsAPIClient(notify_fake.api_key)
    notify_fake.fail_next(429, "RateLimitError", "slow down")
    with pytest.raises(errors.RateLimitError):
        client.get_all_templates()
    assert client.get_all_templates() == {"templates": []}


def test_templates_and_previews(notify_fake):
    client = NotificationsAPIClient(notify_fake.api_key)
    template = notify_fake.add_template("sms", "Hello ((name))", name="greeting")
    assert client.get_template(template)["personalisation"] == {"name": {"required": True}}
    assert [t["name"] for t in client.get_all_templates("sms")["templates"]] == ["greeting"]
    assert client.post_template_preview(template, {"name": "Jo"})["body"] == "Hello Jo"


def test_letters_have_pdfs(notify_fake, tmp_path):
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF")
    client = NotificationsAPIClient(notify_fake.api_key)
    with file.open("rb") as pdf:
        sent = client.send_precompiled_letter_notification("r", pdf, "first")
    assert sent["postage"] == "first"
    assert client.get_pdf_for_letter(sent["id"]).read().startswith(b"%PDF")


def test_asyncio_clients_are_caught_too(notify_fake):
    pytest.importorskip("aiohttp")
    from notifications_python_client import AsyncNotificationsAPIClient

    async def send():
        async with AsyncNotificationsAPIClient(notify_fake.api_key, retries=True) as client:
            messages = [
                {"phone_number": f"0790090012{n}", "template_id": "f33517ff-2a88-4f6e-b855-c550268ce08a"}
                for n in range(3)
            ]
            return await client.send_many(messages)

    assert all(outcome.accepted for outcome in own_loop.run(send()))
    assert len(notify_fake.messages) == 3


def test_the_token_names_the_service(notify_fake):
    seen = []
    answer = notify_fake.answer
    notify_fake.answer = lambda request: seen.append(request) or answer(request)
    NotificationsAPIClient(notify_fake.api_key).get_all_templates()
    token = seen[0].headers["Authorization"][7:]
    assert jwt.decode(token, options={"verify_signature": False})["iss"] in notify_fake.api_key


def test_a_letter_needs_an_address(notify_fake):
    client = NotificationsAPIClient(notify_fake.api_key)
    template = notify_fake.add_template("letter", "Dear reader", "Hello")
    with pytest.raises(errors.ValidationError, match="Address must be at least 3 lines"):
        client.send_letter_notification(template, {"address_line_1": "a"})
    address = {"address_line_1": "a", "address_line_2": "b", "postcode": "SW1A 1AA"}
    sent = client.send_letter_notification(template, address)
    assert client.get_notification_by_id(sent["id"])["status"] == "received"


def test_idempotency_keys_are_honoured(notify_fake):
    send = NotificationsAPIClient(notify_fake.api_key).send_sms_notification
    first = send("07900900123", NOBODY, idempotency_key="one")
    assert send("07900900123", NOBODY, idempotency_key="one") == first
    with pytest.raises(errors.IdempotencyError):
        send("07900900124", NOBODY, idempotency_key="one")
    assert len(notify_fake.messages) == 1


def test_a_pdf_that_is_no_base64_is_refused(notify_fake):
    client = NotificationsAPIClient(notify_fake.api_key)
    with pytest.raises(errors.BadRequestError, match="invalid base64"):
        client.post("/v2/notifications/letter", {"reference": "r", "content": "abcde"})
