"""An upgrade without a pause: the previous version goes on working on the new schema, beside the new version."""

import itertools
import json
import sys
import threading
import urllib.request
from collections import Counter
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from notifications_python_client import NotificationsAPIClient
from pillarbox.embedded import EmbeddedPostgres
from tests.support.factories import MadeService, document
from tests.support.history import before_the_newest_migration, put_server_into
from tests.support.mail_catcher import mail_catcher
from tests.support.pillarbox import environment, relay_settings
from tests.support.ports import free_port
from tests.support.postgres import public_directory
from tests.support.processes import Program, wait_until

pytestmark = pytest.mark.acceptance

EACH = 40  # messages through each API in each phase
# What a version that has stopped left to do is looked for every minute.
PATIENCE = 120
PILLARBOX = [sys.executable, "-m", "pillarbox"]


class Upgrade:
    """Two versions on one database; texts are caught by the sandbox, emails by a relay, which reports nothing."""

    def __init__(self, url, folder, stack, relay):
        self.url = url
        self.stack = stack
        self.service = MadeService("upgraded")
        self.accepted = {}  # the channels, by id
        self._lock = threading.Lock()
        self._settings = relay_settings(relay) | {"DATABASE_URL": url, "PILLARBOX_DATA": str(folder)}
        (folder / "service.json").write_text(json.dumps(document(self.service)))
        for arguments in (["migrate"], ["provision", str(folder / "service.json")]):
            with Program([*PILLARBOX, *arguments], environment(**self._settings)) as program:
                assert program.wait(60) == 0, program.output

    def start(self, *, source=None):
        """An API process and a worker: today's, or those of another version's source; and where the API answers."""
        port = free_port()
        env = environment(**self._settings) | ({"PYTHONPATH": str(source)} if source else {})
        commands = (["serve", "--port", str(port)], ["work"])
        programs = [self.stack.enter_context(Program([*PILLARBOX, *one], env)) for one in commands]
        base = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(base), 60, "the API answers")
        return base, programs

    def send(self, base):
        """Texts and emails, with live and with test keys."""
        for number, kind in zip(range(EACH), itertools.cycle(("normal", "normal", "test")), strict=False):
            client = NotificationsAPIClient(self.service.api_key(kind), base_url=base)
            if number % 2:
                answer = client.send_sms_notification(
                    "07700900123", self.service.templates["sms"], {"name": "Jo"}
                )
                expected = "delivered"
            else:
                to = f"{kind}-{number}@example.com"
                answer = client.send_email_notification(to, self.service.templates["email"], {"name": "Jo"})
                expected = "delivered" if kind == "test" else "sending"
            with self._lock:
                self.accepted[answer["id"]] = expected

    @contextmanager
    def sending(self, *bases):
        """Through all of them at once, beside the block."""
        threads = [threading.Thread(target=self.send, args=[base]) for base in bases]
        for thread in threads:
            thread.start()
        yield
        for thread in threads:
            thread.join()

    def send_through(self, *bases):
        """Through all of them at once."""
        with self.sending(*bases):
            pass

    def unfinished(self):
        """Messages that are not what they should be."""
        with psycopg.connect(self.url) as connection:
            rows = connection.execute("select id::text, status from notification").fetchall()
        assert len(rows) == len(self.accepted)
        return {(one, status) for one, status in rows if status != self.accepted[one]}

    def all_end_well(self):
        wait_until(lambda: not self.unfinished(), PATIENCE, "statuses as they should be")


def answers(base):
    try:
        with urllib.request.urlopen(f"{base}/_status?simple=1", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def relay():
    with mail_catcher() as catcher:
        yield catcher


@pytest.fixture
def upgrade(relay):
    with public_directory() as folder, EmbeddedPostgres(folder / "postgres") as server, ExitStack() as stack:
        yield Upgrade(server.start(), folder, stack, relay.port)


def test_the_previous_version_works_on_the_new_schema_and_hands_over_to_the_new_version(
    upgrade, relay, tmp_path
):
    commit = before_the_newest_migration()
    print(f"the previous version is {commit}")
    old, (old_api, old_worker) = upgrade.start(source=put_server_into(tmp_path, commit))
    upgrade.send_through(old)
    upgrade.all_end_well()

    new, _ = upgrade.start()
    upgrade.send_through(old, new)
    with upgrade.sending(old, new):
        old_worker.terminate()
        old_worker.wait(60)
    upgrade.send_through(old, new)
    old_api.terminate()
    old_api.wait(60)
    upgrade.all_end_well()
    handed_over = Counter(mail.message_id for mail in relay.mails)
    assert len(handed_over) == sum(status == "sending" for status in upgrade.accepted.values())
    assert set(handed_over.values()) == {1}
