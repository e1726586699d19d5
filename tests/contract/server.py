"""A fresh Pillarbox of our own to run cases against, started as its users start it."""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tests.contract.fixture import Fixture
from tests.contract.variables import Variables

_START_SECONDS = 120
_STOP_SECONDS = 40


class DidNotStart(Exception):  # noqa: N818 - says what happened to the server
    """The server ended or stayed silent instead of becoming ready; the message ends with its log."""


@dataclass(frozen=True)
class Server:
    """A server that accepts requests."""

    url: str
    process: "subprocess.Popen[str]"


@contextmanager
def running_server(
    fixture: Fixture, variables: Variables, port: int, *, workers: int | None = None
) -> Iterator["Server"]:
    """Start a server on an empty database, seeded, and stop it in the end.

    Args:
        fixture: what to provision.
        variables: their values go into the fixture and into the server's settings.
        port: where it listens, on loopback.
        workers: how many API processes; its own default if None.

    Raises:
        DidNotStart: it did not become ready in time.
    """
    with tempfile.TemporaryDirectory(prefix="pillarbox-conformance-") as folder:
        filled = Path(folder, "fixture.json")
        fixture.write_filled(filled, variables)
        command = [_pillarbox(), "up", "--data", f"{folder}/data", "--port", str(port), "--no-demo"]
        command += ["--provision", str(filled)]
        command += [] if workers is None else ["--workers", str(workers)]
        with (
            Path(folder, "log").open("w+") as log,
            _process(command, _environment(variables), log) as process,
        ):
            yield Server(_ready_url(process, Path(folder, "log")), process)


def _pillarbox() -> str:
    return str(Path(sys.executable).with_name("pillarbox"))


def _environment(variables: Variables) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PILLARBOX_")}
    return inherited | {
        "PILLARBOX_API_URL": variables.value("API"),
        "PILLARBOX_ADMIN_URL": variables.value("ADMIN"),
        "PILLARBOX_DOCS_URL": variables.value("DOCS_FRONTEND"),
        "PILLARBOX_EMAIL_DOMAIN": variables.value("EMAIL_DOMAIN"),
    }


@contextmanager
def _process(
    command: list[str], environment: dict[str, str], log: TextIO
) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _ready_url(process: "subprocess.Popen[str]", log: Path) -> str:
    for line in _lines(process):
        if line.startswith("ready "):
            return line.split()[1].rstrip("/")
    raise DidNotStart(f"no `ready` line within {_START_SECONDS} s\n{log.read_text(errors='replace')[-4000:]}")


def _lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Lines as they are printed, until the output ends or the time is up; the rest is read and dropped."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        while (line := lines.get(timeout=_START_SECONDS)) is not None:
            yield line
    except queue.Empty:
        return
