"""The whole product as people start it: `pillarbox up` in a process of its own, asked over HTTP."""

import json
import os
import re
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from notifications_python_client import NotificationsAPIClient
from tests.support.ports import free_port
from tests.support.processes import Program

COMMAND = Path(sys.executable).with_name("pillarbox")


def environment(**settings: str) -> dict[str, str]:
    """Ours without settings of Pillarbox that may stand in it, and with these."""
    # Without compiled files every start would compile the whole product.
    unwanted = ("DATABASE_URL", "PYTHONDONTWRITEBYTECODE", "PILLARBOX_")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)} | settings


def relay_settings(port: int) -> dict[str, str]:
    """What hands emails to a mail catcher on a port."""
    return {
        "PILLARBOX_EMAIL_PROVIDER": "smtp",
        "PILLARBOX_SMTP_HOST": "127.0.0.1",
        "PILLARBOX_SMTP_PORT": str(port),
        "PILLARBOX_SMTP_TLS": "none",
    }


class Pillarbox:
    """A running `pillarbox up`.

    Args:
        program: its process.
        base: where it answers.
        data: its directory.
    """

    def __init__(self, program: Program, base: str, data: Path) -> None:
        self.data = data
        self.program = program
        self.base = base

    def get(self, path: str, **query: str) -> str:
        """The body of a GET."""
        with urllib.request.urlopen(f"{self.base}{path}?{urlencode(query)}", timeout=30) as answer:
            return str(answer.read().decode())

    def inbox(self, **query: str) -> list[dict[str, Any]]:
        """What the sandbox caught."""
        return list(json.loads(self.get("/inbox/messages", **query))["messages"])

    @property
    def database_url(self) -> str:
        """Where its own database listens."""
        return f"postgresql://pillarbox@/postgres?host={self.data}/postgres/socket"

    @property
    def welcome(self) -> str:
        """What it printed when it was ready."""
        self.program.wait_for("Ctrl-C stops everything", 5)
        return self.program.output

    @property
    def snippet(self) -> str:
        """The Python that it invites people to paste."""
        start = self.welcome.index("from notifications_python_client")
        return self.welcome[start : self.welcome.index("Ctrl-C stops everything")]

    def key(self, kind: str) -> str:
        """A key of the demo service: test, team or live."""
        found = re.search(rf"^\s+{kind}\s+(\S+-\S+)$", self.welcome, re.MULTILINE)
        assert found is not None, self.welcome
        return found[1]

    def client(self, kind: str = "live") -> NotificationsAPIClient:
        """The Python client with a key of the demo service."""
        return NotificationsAPIClient(self.key(kind), base_url=self.base)


@contextmanager
def pillarbox_up(data: Path, *options: str, within: float = 20, **settings: str) -> Iterator[Pillarbox]:
    """Start it on a directory; whatever is left of it at the end is killed."""
    command = [COMMAND, "up", "--data", data, "--port", str(free_port()), *options]
    with Program(command, environment(**settings)) as program:
        yield Pillarbox(program, program.wait_for(r"^ready (http://\S+)$", within)[1], data)
