"""No message goes out twice while its provider answers, however slowly, nor when Pillarbox is told to stop."""

import time

import pytest

from tests.support.mail_catcher import mail_catcher
from tests.support.pillarbox import COMMAND, environment, pillarbox_up, relay_settings
from tests.support.postgres import public_directory
from tests.support.processes import Program, wait_until

pytestmark = pytest.mark.acceptance

EMAIL_TEMPLATE = "d3a00000-0000-4000-8000-000000000012"


def send(client, *names):
    recipients = [f"{name}@example.com" for name in names]
    ids = [
        client.send_email_notification(to, EMAIL_TEMPLATE, {"name": to, "reference": to})["id"]
        for to in recipients
    ]
    return recipients, ids


def test_a_relay_that_thinks_longer_than_a_lease_lasts_gets_each_message_once():
    """Two workers, so that there is somebody to take a message whose lease has run out."""
    with (
        public_directory() as directory,
        mail_catcher(seconds=12) as catcher,
        pillarbox_up(directory / "data", **relay_settings(catcher.port)) as pillarbox,
    ):
        second = environment(
            DATABASE_URL=pillarbox.database_url,
            PILLARBOX_DATA=str(pillarbox.data),
            **relay_settings(catcher.port),
        )
        with Program([COMMAND, "work"], second):
            client = pillarbox.client()
            recipients, ids = send(client, "a", "b", "c")
            wait_until(lambda: len(catcher.mails) >= 3, 30, "three emails")
            shown = lambda: {client.get_notification_by_id(one)["status"] for one in ids}  # noqa: E731
            wait_until(lambda: shown() == {"sending"}, 5, "all sending")
            time.sleep(1)
            assert catcher.counts() == dict.fromkeys(recipients, 1)


def test_what_is_in_hand_at_the_end_is_finished_and_not_sent_again():
    with public_directory() as directory, mail_catcher(seconds=2) as catcher:
        settings = relay_settings(catcher.port)
        with pillarbox_up(directory / "data", **settings) as pillarbox:
            recipients, _ = send(pillarbox.client(), "a", "b", "c", "d", "e", "f")
            time.sleep(0.5)
            pillarbox.program.terminate()
            assert pillarbox.program.wait(30) == 0
        with pillarbox_up(directory / "data", **settings) as pillarbox:
            found = lambda: pillarbox.client().get_all_notifications(status="created")["notifications"]  # noqa: E731
            wait_until(lambda: not found(), 15, "nothing left to do")
        assert catcher.counts() == dict.fromkeys(recipients, 1)
