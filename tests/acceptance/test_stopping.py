"""Stopping leaves nothing behind, starting again finds everything."""

import os
import signal
import threading
import time

import psycopg
import pytest

from tests.support.pillarbox import COMMAND, environment, pillarbox_up
from tests.support.ports import free_port
from tests.support.postgres import public_directory
from tests.support.processes import Program, find, wait_until

pytestmark = pytest.mark.acceptance

SMS_TEMPLATE = "d3a00000-0000-4000-8000-000000000011"


@pytest.fixture
def data():
    with public_directory() as directory:
        yield directory / "data"


@pytest.fixture(scope="module")
def used():
    """A directory that has been used before, for tests that do not look at the first start."""
    with public_directory() as directory:
        with pillarbox_up(directory / "data") as pillarbox:
            pillarbox.program.interrupt()
            pillarbox.program.wait(30)
        yield directory / "data"


def send(pillarbox):
    return pillarbox.client().send_sms_notification(
        "07700900123", SMS_TEMPLATE, {"name": "Jo", "date": "now"}
    )


def test_the_second_start_takes_ten_seconds_at_most_and_keeps_data_and_keys(data):
    with pillarbox_up(data) as pillarbox:
        first, key = send(pillarbox), pillarbox.key("live")
        pillarbox.program.terminate()
        pillarbox.program.wait(30)
    started = time.monotonic()
    with pillarbox_up(data, within=10) as pillarbox:
        seconds = time.monotonic() - started
        print(f"second start: ready after {seconds:.1f} s")
        assert pillarbox.key("live") == key
        found = pillarbox.client().get_notification_by_id(first["id"])
    assert found["body"] == "Demo Service: Hello Jo, your appointment is on now." or found["body"].startswith(
        "Hello"
    )
    assert seconds < 10


@pytest.mark.parametrize("way", ["interrupt", "terminate"])
def test_everything_stops_within_thirty_seconds_and_leaves_no_process(used, way):
    with pillarbox_up(used, "--workers", "2") as pillarbox:
        program = pillarbox.program
        assert len(find(program.processes(), r"pillarbox (serve|work)")) == 3
        send(pillarbox)
        started = time.monotonic()
        getattr(program, way)()
        code = program.wait(30)
        print(f"{way}: stopped after {time.monotonic() - started:.1f} s with exit code {code}")
        wait_until(lambda: not program.processes(), 1, "no process left")
    assert code == 0


def test_a_page_that_waits_for_messages_does_not_hold_up_the_end(used):
    with pillarbox_up(used) as pillarbox:
        waiting = threading.Thread(target=_wait_for_nothing, args=(pillarbox,))
        waiting.start()
        time.sleep(0.5)
        started = time.monotonic()
        pillarbox.program.interrupt()
        pillarbox.program.wait(30)
        waiting.join()
    assert time.monotonic() - started < 10


def _wait_for_nothing(pillarbox):
    try:
        pillarbox.inbox(to="nobody@example.com", wait="60")
    except OSError:
        return


def started_until(data, sign):
    """A `pillarbox up` that has just come so far that a file exists."""
    program = Program([COMMAND, "up", "--data", data, "--port", str(free_port())], environment())
    wait_until((data / "postgres" / sign).exists, 20, sign)
    return program


@pytest.mark.parametrize(
    ("number", "sign"),
    [
        (signal.SIGINT, "data.unfinished/PG_VERSION"),  # while the database is made
        (signal.SIGINT, "data/postmaster.pid"),  # while its tables are
        (signal.SIGTERM, "data/postmaster.pid"),
    ],
)
def test_a_signal_during_the_start_leaves_no_process_and_the_next_start_works(data, number, sign):
    with started_until(data, sign) as program:
        os.killpg(program.pid, number)
        program.wait(30)
        wait_until(lambda: not program.processes(), 5, "no process left")
        assert "Traceback" not in program.output
    with pillarbox_up(data) as pillarbox:
        send(pillarbox)


def test_a_supervisor_that_is_killed_takes_its_processes_with_it_and_the_next_one_starts(used):
    with pillarbox_up(used) as pillarbox:
        sent = send(pillarbox)
        pillarbox.program.process.kill()
        pillarbox.program.wait(10)
        left = lambda: find(pillarbox.program.processes(), r"pillarbox (serve|work)")  # noqa: E731
        wait_until(lambda: not left(), 30, "no API or worker left")
        with pillarbox_up(used) as again:
            assert again.client().get_notification_by_id(sent["id"])["id"] == sent["id"]


def test_two_on_one_directory_get_a_clear_error(pillarbox):
    command = [COMMAND, "up", "--data", pillarbox.data, "--port", str(free_port())]
    with Program(command, environment()) as second:
        assert second.wait(20) == 5
        assert "stop it first, or choose another data directory" in second.output
        assert "Traceback" not in second.output


def test_a_port_that_is_taken_is_named(pillarbox, data):
    port = pillarbox.base.rpartition(":")[2]
    with Program([COMMAND, "up", "--data", data, "--port", port], environment()) as second:
        assert second.wait(20) == 1
        assert f"Port {port}" in second.output


def test_a_database_of_one_s_own_is_used_and_left_running(databases, used):
    with databases.fresh() as url, pillarbox_up(used, DATABASE_URL=url) as pillarbox:
        send(pillarbox)
        assert not find(pillarbox.program.processes(), "postgres -D")
        pillarbox.program.terminate()
        pillarbox.program.wait(30)
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from notification").fetchone() == (1,)
