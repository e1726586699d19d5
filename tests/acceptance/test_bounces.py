"""From a send to what became of it behind a real relay: Postfix reports, `pillarbox up` listens, the API tells."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from notifications_python_client import NotificationsAPIClient
from tests.support.pillarbox import pillarbox_up
from tests.support.postfix import BOUNCE_DOMAIN, Sink, postfix
from tests.support.postgres import public_directory
from tests.support.processes import wait_until

pytestmark = pytest.mark.acceptance

EMAIL_TEMPLATE = "d3a00000-0000-4000-8000-000000000012"
PROVIDERS = """
providers:
  - name: sandbox
    kind: sandbox
    weight: 0
  - name: relay
    kind: smtp
    options:
      host: 127.0.0.1
      port: {port}
      tls: none
      bounce_address: bounces@{domain}
      bounces: 127.0.0.1:{bounces}
"""
FATES = {
    "jo@example.com": "delivered",
    "jo@inbox.example": "delivered",
    "refused@example.com": "permanent-failure",
    "unknown@example.com": "permanent-failure",
    "later@example.com": "temporary-failure",
}


@pytest.fixture(scope="module")
def client() -> Iterator[NotificationsAPIClient]:
    """A client of a Pillarbox that hands emails to Postfix, which tries each once."""
    with public_directory() as directory, postfix() as relay:
        file = directory / "providers.yaml"
        file.write_text(PROVIDERS.format(port=relay.port, bounces=relay.bounces, domain=BOUNCE_DOMAIN))
        settings = {"PILLARBOX_PROVIDERS_FILE": str(file), "PILLARBOX_EMAIL_DOMAIN": BOUNCE_DOMAIN}
        sink = Controller(Sink(), hostname="127.0.0.1", port=relay.sink)
        sink.start()
        try:
            with pillarbox_up(directory / "data", **settings) as pillarbox:
                yield pillarbox.client()
        finally:
            sink.stop()


def test_every_email_ends_in_the_status_of_what_became_of_it(client):
    values = {"name": "Jo", "reference": "A1"}
    sent = {to: client.send_email_notification(to, EMAIL_TEMPLATE, values)["id"] for to in FATES}

    def statuses():
        return {to: client.get_notification_by_id(identifier)["status"] for to, identifier in sent.items()}

    wait_until(lambda: not {"created", "sending"} & set(statuses().values()), 60, "final statuses")
    assert statuses() == FATES
