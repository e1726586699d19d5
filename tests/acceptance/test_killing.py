"""201 means committed and queued: kill -9 of any process, at any moment, loses no accepted message."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from requests import RequestException

from notifications_python_client.errors import HTTPError
from tests.support.ledger import Ledger
from tests.support.mail_catcher import mail_catcher
from tests.support.pillarbox import pillarbox_up, relay_settings
from tests.support.postgres import public_directory
from tests.support.processes import find, wait_until

pytestmark = pytest.mark.acceptance

SMS_TEMPLATE = "d3a00000-0000-4000-8000-000000000011"
EMAIL_TEMPLATE = "d3a00000-0000-4000-8000-000000000012"
THREADS = 4
# A little slower than the demo service's rate limit of 3,000 a minute.
PAUSE = THREADS / 40
# So that a killed worker always has some in hand.
SECONDS_A_MAIL = 0.1
# What a killed worker had in hand comes up again when its lease has run out.
PATIENCE = 40

SUPERVISOR = r"pillarbox up"
WORKER = r"pillarbox work"
API = r"pillarbox serve"
POSTGRES = r"postgres -D"


@contextmanager
def senders(pillarbox, ledger):
    """Threads that send emails and texts by turns, each to a recipient of its own, until the block ends."""
    over = threading.Event()
    key = pillarbox.key("live")

    def work(thread):
        client = pillarbox.client()
        for number in range(100_000):
            if over.wait(PAUSE):
                return
            send_one(client, ledger, f"{thread}-{number}")

    assert key
    with ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(work, thread) for thread in range(THREADS)]
        try:
            yield
        finally:
            over.set()
        for one in running:
            one.result()


def send_one(client, ledger, name):
    try:
        if name.endswith(("1", "3", "5", "7", "9")):
            values = {"name": name, "date": "now"}
            answer = client.send_sms_notification("07700900123", SMS_TEMPLATE, values, reference=name)
            ledger.accept(answer["id"], name)
        else:
            values = {"name": name, "reference": name}
            to = f"{name}@example.com"
            answer = client.send_email_notification(to, EMAIL_TEMPLATE, values)
            ledger.accept(answer["id"], to)
    except (HTTPError, RequestException) as error:
        ledger.fail(error)


def kill(pillarbox, pattern):
    """kill -9 the first process of a kind, and let the others see to it."""
    victim = find(pillarbox.program.processes(), pattern)[0]
    victim.kill()
    print(f"killed {pattern}, process {victim.pid}")


def handed_over(catcher, url):
    """How often each recipient was written to; texts go by their reference."""
    with psycopg.connect(url) as connection:
        texts = connection.execute("select reference from sandbox_message where channel = 'sms'").fetchall()
    return catcher.counts() + Counter(reference for (reference,) in texts)


def assert_all_handed_over(ledger, catcher, url):
    missing = lambda: ledger.missing(handed_over(catcher, url))  # noqa: E731 - counted at each look
    started = time.monotonic()
    try:
        wait_until(lambda: not missing(), PATIENCE, "all accepted messages handed over")
    finally:
        print(ledger.summary(handed_over(catcher, url)), f"after {time.monotonic() - started:.1f} s")
    assert_repeats_are_recognisable(catcher)
    wait_until(lambda: statuses(ledger, url) <= {"sending", "delivered"}, 10, "a status that tells of it")


def statuses(ledger, url):
    """The statuses that accepted messages have: a relay reports nothing, the sandbox that all is delivered."""
    query = "select distinct status from notification where id = any(%s::uuid[])"
    with psycopg.connect(url) as connection:
        return {status for (status,) in connection.execute(query, [list(ledger.accepted)])}


def assert_repeats_are_recognisable(catcher):
    """A crash may repeat a message; the same Message-ID goes with it."""
    by_recipient: dict[str, set[str]] = {}
    for mail in catcher.mails:
        by_recipient.setdefault(mail.recipients[0], set()).add(mail.message_id)
    assert [recipient for recipient, ids in by_recipient.items() if len(ids) > 1] == []


def test_no_accepted_message_is_lost_when_any_part_is_killed():
    ledger = Ledger()
    with (
        public_directory() as directory,
        mail_catcher(SECONDS_A_MAIL) as catcher,
        pillarbox_up(directory / "data", "--workers", "2", **relay_settings(catcher.port)) as pillarbox,
    ):
        with senders(pillarbox, ledger):
            for pattern in (WORKER, API, POSTGRES, WORKER):
                time.sleep(2)
                kill(pillarbox, pattern)
            time.sleep(4)
        assert len(ledger.accepted) > 100
        assert_all_handed_over(ledger, catcher, pillarbox.database_url)


def test_no_accepted_message_is_lost_when_everything_is_killed_at_once():
    ledger = Ledger()
    with public_directory() as directory, mail_catcher(SECONDS_A_MAIL) as catcher:
        first = pillarbox_up(directory / "data", **relay_settings(catcher.port))
        with first as pillarbox, senders(pillarbox, ledger):
            time.sleep(2)
            pillarbox.program.end()
        assert len(ledger.accepted) > 20
        with pillarbox_up(directory / "data", **relay_settings(catcher.port)) as pillarbox:
            assert_all_handed_over(ledger, catcher, pillarbox.database_url)
