"""A family of processes: started again when one dies, stopped together, and gone when their parent is."""

import os
import signal
import subprocess
import sys
import textwrap
from time import monotonic, sleep

import psutil
import pytest

from pillarbox.processes import Child, Family, listen
from tests.support.ports import free_port
from tests.support.processes import wait_until


class Sleeper(Child):
    """Runs a short program instead of `pillarbox`."""

    program = "import time; time.sleep(60)"

    def command(self):
        return [sys.executable, "-c", self.program]


class Failing(Sleeper):
    program = "raise SystemExit(1)"


class Deaf(Sleeper):
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def family():
    """Makes a family whose members are gone at the end."""
    made = []

    def make(*children):
        made.extend(children)
        return Family(children)

    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield make
    for child in made:
        if child.process is not None:
            child.process.kill()
            child.process.wait()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def lives(child):
    return child.process is not None and child.process.poll() is None


def test_everyone_is_started_and_stopped_together(family):
    children = [Sleeper(("one",), os.environ), Sleeper(("two",), os.environ)]
    whole = family(*children)
    whole.start()
    assert all(map(lives, children))
    begun = monotonic()
    whole.stop()
    assert not any(map(lives, children))
    assert monotonic() - begun < 10


def test_who_dies_is_started_again(family):
    child = Sleeper(("one",), os.environ)
    whole = family(child)
    whole.start()
    first = child.process.pid
    child.process.kill()
    child.process.wait()
    deadline = monotonic() + 10
    whole.watch(until=lambda: (lives(child) and child.process.pid != first) or monotonic() > deadline)
    assert lives(child)
    assert child.process.pid != first


def test_who_keeps_dying_is_started_less_and_less_often(family):
    child = Failing(("one",), os.environ)
    pauses = []
    child.start()
    family(child)
    for _ in range(3):
        child.process.wait()
        child.look()
        pauses.append(child.pause)
        child.again = 0.0
        child.look()
    assert pauses == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_the_watch(family, number):
    whole = family(Sleeper(("one",), os.environ))
    whole.start()
    os.kill(os.getpid(), number)
    whole.watch()
    assert whole.is_ending


def test_who_does_not_listen_is_killed_when_the_time_is_over(family):
    child = Deaf(("one",), os.environ)
    family(child)
    child.start()
    sleep(0.5)
    child.tell(signal.SIGTERM)
    child.wait(monotonic() + 0.3)
    assert child.process.returncode == -signal.SIGKILL


def test_children_stop_when_their_parent_is_killed():
    program = textwrap.dedent(
        """
        import os, subprocess, sys, time
        reading, writing = os.pipe()
        child = ("import signal, sys, time\\nfrom pillarbox.processes import end_with_stdin\\n"
            "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\\nend_with_stdin()\\ntime.sleep(60)")
        started = subprocess.Popen([sys.executable, "-c", child], stdin=reading, start_new_session=True)
        os.close(reading)
        print(started.pid, flush=True)
        time.sleep(60)
        """
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        sleep(1)
        parent.kill()
        wait_until(
            lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE,
            10,
            "the child has stopped",
        )


def test_two_cannot_listen_on_one_port():
    port = free_port()
    with listen("127.0.0.1", port), pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", port)
