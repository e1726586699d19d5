"""Real programs for tests: started, waited for line by line, signalled, and always ended, by number."""

import os
import re
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

# Whatever a program starts inherits this variable, so that nothing of it can hide from the tests.
_MARK = "STARTED_BY_TEST"


def wait_until(condition: Callable[[], bool], within: float, what: str) -> None:
    """Ask again and again until the answer is yes; fail after so many seconds, saying what was waited for."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what}")
        time.sleep(0.05)


def assert_once_within(seconds: float, work: Callable[[], None], tries: int = 5) -> None:
    """Fail unless one of a few tries is quick enough: a machine that tests share is slow now and then, not always."""
    took = []
    for _ in range(tries):
        start = time.monotonic()
        work()
        took.append(round(time.monotonic() - start, 2))
        if took[-1] <= seconds:
            return
    raise AssertionError(f"never within {seconds} s: {took}")


class Program:
    """A program that runs in a process group of its own, as a shell would start it in the foreground.

    Args:
        command: what to run.
        env: its whole environment.
        cwd: where to run it.
        user: who runs it, when root starts it for somebody else.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: int | None = None,
    ) -> None:
        self.mark = uuid.uuid4().hex
        self.started = time.monotonic()
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**(os.environ if env is None else env), _MARK: self.mark},
            cwd=cwd,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            print(f"--- output of {self.process.args!r}\n{self.output}---")
        self.end()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def output(self) -> str:
        """All it has written so far, standard error included."""
        with self._changed:
            return "".join(self._lines)

    def wait_for(self, pattern: str, within: float) -> re.Match[str]:
        """Wait for a line that matches; fails when the program ends or the time is up, showing its output."""
        deadline = time.monotonic() + within
        with self._changed:
            while True:
                for line in self._lines:
                    if found := re.search(pattern, line):
                        return found
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    raise AssertionError(
                        f"no line matched {pattern!r} in {within} s:\n{''.join(self._lines)}"
                    )
                self._changed.wait(min(left, 0.2))

    def interrupt(self) -> None:
        """What Ctrl-C in a terminal does: SIGINT to the whole foreground process group."""
        os.killpg(self.pid, signal.SIGINT)

    def terminate(self) -> None:
        """What service managers do: SIGTERM to the process they started."""
        self.process.terminate()

    def wait(self, within: float) -> int:
        """Wait for its end and give its exit code."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {within} s:\n{self.output}") from None

    def processes(self) -> list[psutil.Process]:
        """Every live process that the program started, itself included, orphans too."""
        found = {process.pid: process for process in self._descendants()}
        for process in psutil.process_iter():
            if process.pid not in found and self._is_ours(process):
                found[process.pid] = process
        return [process for process in found.values() if lives(process)]

    def end(self) -> None:
        """Kill whatever of it is left."""
        for _ in range(3):  # what is being started while we look is found the next time
            for process in self.processes():
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue
        self.process.wait(10)
        self._reader.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _descendants(self) -> list[psutil.Process]:
        try:
            program = psutil.Process(self.pid)
            return [program, *program.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(_MARK) == self.mark
        except (psutil.Error, OSError):
            return False

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()


def lives(process: psutil.Process) -> bool:
    """Whether it has not ended; what merely waits to be reaped has."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def find(processes: Sequence[psutil.Process], pattern: str) -> list[psutil.Process]:
    """Those of the processes whose command line matches."""
    found = []
    for process in processes:
        try:
            if re.search(pattern, " ".join(process.cmdline())):
                found.append(process)
        except psutil.Error:
            continue
    return found
