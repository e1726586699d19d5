"""A Pillarbox to test against: one that we start, or one that runs."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Dict, List, Optional

from notifications_python_client import answers
from notifications_python_client.notifications import NotificationsAPIClient
from notifications_python_client.retries import Retries
from notifications_python_client.testing.rules import SandboxInbox

COMMAND = "pillarbox"
# A first start makes a database.
SECONDS_TO_START = 120.0
_KEY_LINE = re.compile(r"^\s+(live|team|test)\s+(\S+-[0-9a-f-]{73})\s*$")
_LAST_LINE = "Ctrl-C"


class SandboxError(Exception):
    """The sandbox cannot be had; the message says why."""


def installed() -> Optional[str]:
    """Find the Pillarbox to start: beside this Python, else on the PATH; None if there is none."""
    beside = str(Path(sys.executable).parent)
    return shutil.which(COMMAND, path=beside) or shutil.which(COMMAND)


class Server:
    """Where a Pillarbox is, and its keys by kind."""

    def __init__(self, base_url: str, keys: Dict[str, str], inbox_token: Optional[str] = None) -> None:
        self.base_url, self.keys, self.inbox_token = base_url, keys, inbox_token


class Sandbox:
    """What a test gets: a client, the templates, and the inbox since the test began.

    Attributes:
        base_url: where the server is.
        keys: API keys by kind: `live`, `team`, `test`.
        client: a client with the live key.
        inbox: what was sent, and what becomes of it; see `Inbox.expect` and `SandboxInbox.when`.
    """

    def __init__(self, server: Server) -> None:
        self.base_url = server.base_url
        self.keys = server.keys
        key = server.keys.get("live") or next(iter(server.keys.values()))
        self.client = NotificationsAPIClient(key, base_url=self.base_url, retries=Retries())
        self.inbox = SandboxInbox(self.base_url, server.inbox_token, self.client.service_id)
        self._templates: Optional[List[answers.Template]] = None

    @property
    def templates(self) -> List[answers.Template]:
        """The service's templates."""
        if self._templates is None:
            self._templates = self.client.get_all_templates()["templates"]
        return self._templates

    def template(self, name: str) -> answers.Template:
        """Give the template of a name.

        Raises:
            LookupError: there is none; says which there are.
        """
        for template in self.templates:
            if template["name"] == name:
                return template
        names = ", ".join(sorted(template["name"] for template in self.templates))
        raise LookupError(f"There is no template “{name}”; there are: {names}")

    def close(self) -> None:
        """Take this test's rules away, and close the client's connections."""
        try:
            self.inbox.forget_rules()
        finally:
            self.client.close()


def environment() -> Dict[str, str]:
    """Ours without a database and settings: those are of the program under test, and its data is not ours to touch."""
    unwanted = ("DATABASE_URL", "PILLARBOX_")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}


class PillarboxProcess:
    """A Pillarbox of our own, for as long as the `with` block runs.

    Args:
        data: directory for its database.
        provision: file of services, templates and keys to start with.
    """

    def __init__(self, data: Path, provision: Optional[str] = None) -> None:
        self._data, self._provision = data, provision
        self._process: Optional[subprocess.Popen[str]] = None

    def __enter__(self) -> Server:
        command = installed()
        if command is None:
            raise SandboxError(f"`{COMMAND}` is not installed, and no URL of a running one is set")
        arguments = [command, "up", "--data", str(self._data), "--port", str(_free_port())]
        if self._provision:
            arguments += ["--provision", self._provision]
        # What it says goes to a file: nobody would empty a pipe while the tests run.
        log = self._data.parent / f"{self._data.name}.log"
        with log.open("w", encoding="utf-8") as output:
            self._process = subprocess.Popen(  # noqa: S603 - the command is the one that is installed
                arguments, stdout=output, stderr=subprocess.STDOUT, text=True, env=environment()
            )
        try:
            return self._started(log)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(40)

    def _started(self, log: Path) -> Server:
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            ended = self._process is None or self._process.poll() is not None
            with log.open(encoding="utf-8") as said:
                server = read_welcome(said)
            if server is not None:
                return server
            if ended:
                break
            time.sleep(0.1)
        raise SandboxError(f"`{COMMAND} up` did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


def read_welcome(said: IO[str]) -> Optional[Server]:
    """Find URL and keys in what `pillarbox up` prints; None if it has not said all yet."""
    base_url, keys = "", {}
    for line in said:
        if line.startswith("ready "):
            base_url = line.split()[1]
        key = _KEY_LINE.match(line)
        if key:
            keys[key.group(1)] = key.group(2)
        if base_url and _LAST_LINE in line:
            return Server(base_url, keys)
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
