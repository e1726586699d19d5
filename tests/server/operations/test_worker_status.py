"""A worker's own port: its figures, and whether it is well."""

import asyncio
import contextlib

import psycopg
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families as parse

from pillarbox.operations.figures import Figures
from pillarbox.operations.worker import WorkerState, worker_app
from pillarbox.store.database import open_pool
from pillarbox.store.queues import Queues
from tests.support.api import api_in_thread, provisioned, settings
from tests.support.asgi import ask
from tests.support.factories import MadeService, document
from tests.support.pillarbox import COMMAND, environment
from tests.support.ports import free_port
from tests.support.processes import Program, wait_until

SERVICE = MadeService("worked")


@pytest.fixture
def url(databases):
    with provisioned(databases, document(SERVICE)) as url:
        yield url


@contextlib.contextmanager
def working(url, folder):
    port = free_port()
    command = [COMMAND, "work", "--metrics-port", str(port)]
    with Program(command, environment(**settings(url)), cwd=folder) as program:
        base = f"http://127.0.0.1:{port}"
        wait_until(lambda: status(base) is not None, 40, "the worker answers")
        yield program, base
        program.terminate()
        assert program.wait(30) == 0


def status(base):
    try:
        answer = requests.get(base + "/_status", timeout=10)
    except requests.ConnectionError:
        return None
    return answer.status_code, answer.json()


def test_a_worker_says_that_it_is_well_and_shows_its_figures(url, tmp_path):
    with working(url, tmp_path) as (_, base):
        code, shown = status(base)
        assert (code, shown["status"], shown["database"]) == (200, "ok", True)
        assert shown["last_claim_seconds"] < 30
        assert shown["in_hand"] == 0
        text = requests.get(base + "/metrics", timeout=10).text
        names = {family.name for family in parse(text)}
        assert {"pillarbox_callbacks", "pillarbox_tasks", "pillarbox_database_up"} <= names
        assert (
            requests.get(base + "/metrics", headers={"Host": "evil.example"}, timeout=10).status_code == 403
        )


def test_what_a_worker_hands_over_is_counted(url, tmp_path):
    with api_in_thread(url) as api:
        body = {"phone_number": "07700900123", "personalisation": {"name": "Jo"}}
        body["template_id"] = SERVICE.templates["sms"]
        assert api.ask(SERVICE, "POST", "/v2/notifications/sms", body).status_code == 201
    with working(url, tmp_path) as (_, base):
        wait_until(lambda: "pillarbox_receipts_total{" in figures(base), 40, "a receipt")
        wait_until(lambda: 'pillarbox_in_hand{kind="deliver"} 0.0' in figures(base), 40, "its end")
        text = figures(base)
    assert 'pillarbox_attempts_total{answer="accepted",provider="sandbox"} 1.0' in text
    assert 'pillarbox_handed_over_seconds_count{channel="sms",provider="sandbox"} 1.0' in text
    assert 'pillarbox_receipts_total{provider="sandbox",status="delivered"} 1.0' in text
    assert 'pillarbox_provider_seconds_count{provider="sandbox"} 1.0' in text
    assert 'pillarbox_provider_resting{channel="sms",provider="sandbox"} 0.0' in text


def figures(base):
    return requests.get(base + "/metrics", timeout=10).text


def test_a_port_that_is_taken_is_named(url, tmp_path):
    with working(url, tmp_path) as (_, base):
        port = base.rpartition(":")[2]
        with Program(
            [COMMAND, "work", "--metrics-port", port], environment(**settings(url)), cwd=tmp_path
        ) as second:
            assert second.wait(40) == 1
            assert f"Port {port}" in second.output


@pytest.mark.parametrize(
    ("since", "reachable", "expected"),
    [
        (0.5, True, (200, "ok")),
        (59, True, (200, "ok")),
        (61, True, (503, "error")),
        (0.5, False, (503, "error")),
    ],
)
async def test_who_looks_for_no_work_or_has_no_database_is_not_well(url, since, reachable, expected):
    pool = await open_pool(url)
    if not reachable:
        await pool.close()
    state = {"pool": pool, "worker_state": lambda: WorkerState(3, since)}
    answer = await ask(
        worker_app(pool, Figures(Queues(pool)), None, lambda: WorkerState(0, 0)),
        "GET",
        "/_status",
        state=state,
    )
    await pool.close()
    assert (answer.status, answer.json["status"]) == expected
    assert answer.json["in_hand"] == 3


async def test_without_a_database_there_are_figures_all_the_same(url):
    pool = await open_pool(url)
    await pool.close()
    text = (await Figures(Queues(pool)).text()).decode()
    assert "pillarbox_database_up 0.0" in text
    assert "pillarbox_accepted" in text


async def test_what_waits_is_counted_once_however_many_ask_at_once(url):
    pool = await open_pool(url)

    class Counting(Queues):
        asked = 0

        async def waiting(self):
            self.asked += 1
            return await super().waiting()

    queues = Counting(pool)
    figures = Figures(queues)
    await asyncio.gather(*(figures.text() for _ in range(10)))
    await pool.close()
    assert queues.asked == 1


def test_a_worker_at_its_night_s_work_stops_in_time(url, tmp_path):
    """Somebody reads for long, so that a day cannot leave while the worker is to stop."""
    with psycopg.connect(url, autocommit=True) as connection, psycopg.connect(url) as reader:
        connection.execute(
            "create table notification_20200101 partition of notification for values from ('20200101') to ('20200102')"
        )
        reader.execute("select count(*) from notification")
        with working(url, tmp_path) as (program, _):
            wait_until(lambda: is_leaving(connection), 40, "the day leaves")
            program.terminate()
            assert program.wait(30) == 0
            assert "Traceback" not in program.output


def is_leaving(connection):
    query = "select inhdetachpending from pg_inherits where inhrelid = to_regclass('notification_20200101')"
    return connection.execute(query).fetchone() == (True,)
