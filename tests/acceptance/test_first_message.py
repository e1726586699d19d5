"""`pillarbox up`, then what it prints: a text and an email are caught and delivered within 2 seconds."""

import subprocess
import sys
import uuid

import pytest

from tests.support.pillarbox import environment, pillarbox_up
from tests.support.postgres import public_directory
from tests.support.processes import assert_once_within, wait_until

pytestmark = pytest.mark.acceptance

TEMPLATE = "d3a00000-0000-4000-8000-000000000011"


@pytest.fixture(scope="module")
def pillarbox():
    """One of our own, in which nobody has sent anything yet."""
    with public_directory() as directory, pillarbox_up(directory / "data") as running:
        yield running


@pytest.fixture(scope="module")
def pasted(pillarbox):
    """What the printed snippet prints in its turn."""
    ended = subprocess.run(
        [sys.executable, "-c", pillarbox.snippet],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.splitlines()


def test_the_printed_snippet_sends_a_text_and_an_email(pillarbox, pasted):
    assert pasted == [
        "Hello Jo, your appointment is on 3 June.",
        "Your application, Jo",
        f"{pillarbox.base}/inbox",
    ]


def test_both_are_in_the_inbox(pillarbox, pasted):
    wait_until(lambda: len(pillarbox.inbox()) == 2, 20, "two messages in the inbox")
    caught = {message["channel"]: message for message in pillarbox.inbox()}
    assert caught["sms"]["to"] == "447700900123"
    assert caught["sms"]["body"] == "Demo Service: Hello Jo, your appointment is on 3 June."
    assert (caught["email"]["to"], caught["email"]["subject"]) == ("jo@example.com", "Your application, Jo")


def test_the_page_shows_both(pillarbox, pasted):
    page = pillarbox.get("/inbox")
    for shown in ("07700 900123", "your appointment is on 3 June.", "jo@example.com", "Your application, Jo"):
        assert shown in page


@pytest.mark.parametrize(("kind", "caught"), [("live", True), ("test", False)])
def test_a_text_is_delivered_within_two_seconds_and_in_the_inbox_if_it_is_real(
    pillarbox, pasted, kind, caught
):
    client = pillarbox.client(kind)

    def send_and_see() -> None:
        reference = str(uuid.uuid4())
        values = {"name": "Jo", "date": "now"}
        sent = client.send_sms_notification("07700900123", TEMPLATE, values, reference=reference)
        wait_until(
            lambda: (
                client.get_notification_by_id(sent["id"])["status"] == "delivered"
                and bool(pillarbox.inbox(reference=reference)) is caught
            ),
            20,
            "delivered, and in the inbox if its key is live",
        )

    assert_once_within(2, send_and_see)


def test_all_that_the_snippet_sent_is_delivered(pillarbox, pasted):
    client = pillarbox.client()
    everything = lambda: client.get_all_notifications()["notifications"]  # noqa: E731 - read at each look
    wait_until(lambda: all(m["status"] == "delivered" for m in everything()), 20, "all delivered")
    found = everything()
    assert {message["type"] for message in found} == {"sms", "email"}
    assert {message["status"] for message in found} == {"delivered"}
