"""With a relay in the settings, emails leave through it as they should look."""

import pytest

from tests.support.mail_catcher import mail_catcher
from tests.support.pillarbox import pillarbox_up, relay_settings
from tests.support.postgres import public_directory
from tests.support.processes import wait_until

pytestmark = pytest.mark.acceptance

EMAIL_TEMPLATE = "d3a00000-0000-4000-8000-000000000012"


@pytest.fixture(scope="module")
def sent():
    """The email as the relay got it, its id, and how the API shows it soon after."""
    with public_directory() as directory, mail_catcher() as catcher:
        settings = relay_settings(catcher.port) | {"PILLARBOX_EMAIL_DOMAIN": "notify.example.org"}
        with pillarbox_up(directory / "data", **settings) as pillarbox:
            client = pillarbox.client()
            answer = client.send_email_notification(
                "zoe@example.com", EMAIL_TEMPLATE, {"name": "Zoë", "reference": "A1"}, reference="mine"
            )
            mail = catcher.wait_for("zoe@example.com")
            shown = lambda: client.get_notification_by_id(answer["id"])  # noqa: E731 - read at each look
            wait_until(lambda: shown()["status"] != "created", 5, "a status after created")
            yield mail, answer, shown()


def test_the_envelope_and_the_headers_say_who_and_what(sent):
    mail, answer, _ = sent
    message = mail.message
    assert (mail.sender, mail.recipients) == ("demo.service@notify.example.org", ("zoe@example.com",))
    assert message["From"].addresses[0].display_name == "Demo Service"
    assert message["From"].addresses[0].addr_spec == "demo.service@notify.example.org"
    assert message["To"] == "zoe@example.com"
    assert message["Subject"] == "Your application, Zoë"
    assert message["Reply-To"] == "reply@example.com"
    assert mail.message_id == f"<{answer['id']}@notify.example.org>"
    assert message["Date"].datetime is not None


def test_plain_text_and_html_say_the_same(sent):
    mail, _, _ = sent
    assert mail.message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]  # the best one comes last
    for part in (mail.part("text/plain"), mail.part("text/html")):
        assert "Hello Zoë" in part
        assert "we write to you within 10 days" in part
        assert "https://example.com/applications" in part
    assert mail.part("text/html").lstrip().lower().startswith("<!doctype html")


def test_a_relay_reports_nothing_so_the_status_stays_sending(sent):
    _, _, shown = sent
    assert (shown["status"], shown["reference"]) == ("sending", "mine")
    assert shown["sent_at"] is not None
    assert shown["completed_at"] is None
