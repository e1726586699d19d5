"""The client against a real Pillarbox."""

import time

import pytest

from notifications_python_client import NotificationsAPIClient, Retries, errors
from notifications_python_client.testing import sandbox
from tests.client import own_loop
from tests.client.dropping_proxy import FATES, DroppingProxy

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sandbox.installed() is None, reason="needs the pillarbox command"),
]

SENDS = 1000
# A service's 3,000 requests a minute; its bucket holds 1,000.
BUCKET = 999  # texts at once (public API contract, section 5)
REFILLED_A_SECOND = 50
PATIENT = Retries(attempts=20, first_wait=0.01, longest_wait=2)


@pytest.fixture
def template(notify_sandbox):
    return notify_sandbox.template("Your appointment")["id"]


def messages(template, count, reference):
    values = {"name": "Jo", "date": "3 June"}
    return [
        {
            "phone_number": f"07900{number:06}",
            "template_id": template,
            "personalisation": values,
            "reference": reference,
        }
        for number in range(count)
    ]


def test_a_text_is_accepted_delivered_and_seen(notify_sandbox, template):
    client = notify_sandbox.client
    values = {"name": "Jo", "date": "3 June"}
    sent = client.send_sms_notification("07900 900123", template, values, "seen")
    assert sent["content"]["body"].startswith("Hello Jo")
    assert notify_sandbox.inbox.expect(to="07900 900123", contains="Jo", within=20)["reference"] == "seen"
    assert client.wait_for_status(sent["id"], timeout=20)["reference"] == "seen"
    assert [n["id"] for n in client.get_all_notifications_iterator(reference="seen")] == [sent["id"]]


def test_the_first_answer_comes_again_under_its_key(notify_sandbox, template):
    send = notify_sandbox.client.send_sms_notification
    values = {"name": "Jo", "date": "3 June"}
    first = send("07900900123", template, values, idempotency_key="one")
    assert send("07900900123", template, values, idempotency_key="one")["id"] == first["id"]
    with pytest.raises(errors.IdempotencyError):
        send("07900900124", template, values, idempotency_key="one")


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda c, t: c.send_sms_notification("no number", t), errors.ValidationError),
        (lambda c, t: c.send_sms_notification("07900900123", t), errors.BadRequestError),
        (lambda c, t: c.get_notification_by_id(t), errors.NotFoundError),
        (lambda c, t: c.get("/v2/nothing"), errors.NotFoundError),
    ],
)
def test_errors_have_their_class(notify_sandbox, template, call, kind):
    with pytest.raises(kind) as raised:
        call(notify_sandbox.client, template)
    assert type(raised.value) is kind
    assert raised.value.request_id


def test_a_wrong_key_is_an_auth_error(notify_sandbox, api_key):
    with NotificationsAPIClient(api_key, notify_sandbox.base_url) as client, pytest.raises(errors.AuthError):
        client.get_all_templates()


def test_a_thousand_texts_through_a_bad_line_are_a_thousand_messages(notify_sandbox, template):
    port = int(notify_sandbox.base_url.rsplit(":", 1)[1])
    key = notify_sandbox.keys["live"]
    reference = f"bad line {time.time()}"
    with DroppingProxy(port, share=0.2) as proxy:
        with NotificationsAPIClient(key, proxy.url, retries=PATIENT) as client:
            outcomes = client.send_many(messages(template, SENDS, reference))
        dropped = dict(proxy.dropped)
    assert all(dropped[fate] > 20 for fate in FATES)
    found = [n["id"] for n in notify_sandbox.client.get_all_notifications_iterator(reference=reference)]
    assert len(found) == SENDS
    assert sorted(found) == sorted(str(outcome.id) for outcome in outcomes)


def test_texts_beyond_the_rate_are_refused_sent_again_and_sent_once(notify_sandbox, template, caplog):
    """More than the bucket of a service holds, from a client that does not know the rate."""
    reference, started = f"too fast {time.time()}", time.monotonic()
    with NotificationsAPIClient(notify_sandbox.keys["live"], notify_sandbox.base_url) as client:
        outcomes = client.send_many(messages(template, 1300, reference), concurrency=32, rate_limit=None)
    seconds = time.monotonic() - started
    refused = [record for record in caplog.records if 429 in record.args]
    # A machine so slow that the bucket is filled up meanwhile meets no refusal.
    assert refused or seconds > (1300 - BUCKET) / REFILLED_A_SECOND
    assert all(outcome.accepted for outcome in outcomes)
    found = [n["id"] for n in notify_sandbox.client.get_all_notifications_iterator(reference=reference)]
    assert sorted(found) == sorted(str(outcome.id) for outcome in outcomes)
    assert len(set(found)) == 1300


def test_iterators_are_right_while_messages_arrive(notify_sandbox, template):
    client, before, during = notify_sandbox.client, f"before {time.time()}", f"during {time.time()}"
    client.send_many(messages(template, 300, before))
    found = client.get_all_notifications_iterator(template_type="sms")
    met = [next(found) for _ in range(100)]
    client.send_many(messages(template, 20, during))
    met += list(found)
    assert len({n["id"] for n in met}) == len(met)
    assert len([n for n in met if n["reference"] == before]) == 300
    assert [n for n in met if n["reference"] == during] == []


def test_asyncio_programs_get_the_same(notify_sandbox, template):
    pytest.importorskip("aiohttp")
    from notifications_python_client import AsyncNotificationsAPIClient

    async def send():
        key = notify_sandbox.keys["live"]
        async with AsyncNotificationsAPIClient(key, notify_sandbox.base_url, retries=True) as client:
            outcomes = await client.send_many(messages(template, 50, "asyncio"))
            return [await client.wait_for_status(outcome.id, timeout=30) for outcome in outcomes]

    assert {n["status"] for n in own_loop.run(send())} == {"delivered"}
