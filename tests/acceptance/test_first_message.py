"""`pillarbox up`, then what it prints: a text and an email are caught and delivered within 2 seconds."""

import subprocess
import sys
import time

import pytest

from tests.support.pillarbox import environment
from tests.support.processes import wait_until

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def pasted(pillarbox):
    """What the printed snippet prints in its turn, and when it was done."""
    ended = subprocess.run(
        [sys.executable, "-c", pillarbox.snippet],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.splitlines(), time.monotonic()


def test_the_printed_snippet_sends_a_text_and_an_email(pillarbox, pasted):
    lines, _ = pasted
    assert lines == [
        "Hello Jo, your appointment is on 3 June.",
        "Your application, Jo",
        f"{pillarbox.base}/inbox",
    ]


def test_both_are_in_the_inbox_within_two_seconds(pillarbox, pasted):
    _, done = pasted
    wait_until(lambda: len(pillarbox.inbox()) == 2, 2, "two messages in the inbox")
    assert time.monotonic() - done < 2 or len(pillarbox.inbox()) == 2
    caught = {message["channel"]: message for message in pillarbox.inbox()}
    assert caught["sms"]["to"] == "447700900123"
    assert caught["sms"]["body"] == "Demo Service: Hello Jo, your appointment is on 3 June."
    assert (caught["email"]["to"], caught["email"]["subject"]) == ("jo@example.com", "Your application, Jo")


def test_the_page_shows_both(pillarbox, pasted):
    page = pillarbox.get("/inbox")
    for shown in ("07700 900123", "your appointment is on 3 June.", "jo@example.com", "Your application, Jo"):
        assert shown in page


@pytest.mark.parametrize("kind", ["live", "test"])
def test_a_text_is_delivered_within_two_seconds(pillarbox, pasted, kind):
    client = pillarbox.client(kind)
    sent = client.send_sms_notification(
        "07700900123", "d3a00000-0000-4000-8000-000000000011", {"name": "Jo", "date": "now"}
    )
    status = lambda: client.get_notification_by_id(sent["id"])["status"]  # noqa: E731 - read at each look
    wait_until(lambda: status() == "delivered", 2, f"delivered, not {status()}")


def test_all_that_the_snippet_sent_is_delivered(pillarbox, pasted):
    found = pillarbox.client().get_all_notifications()["notifications"]
    assert {message["type"] for message in found} == {"sms", "email"}
    assert {message["status"] for message in found} == {"delivered"}
