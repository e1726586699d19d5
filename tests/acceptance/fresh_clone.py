"""Proves that a fresh clone runs: `make fresh-clone-check` clones what is committed and starts it.

Once as whoever asks (for root in a directory closed to everybody else, as root's home is) and, if that is
root, once more as a plain user. It prints the seconds until the product is ready: the first time, with
everything to be downloaded and made, and the second time. It uses the network and takes minutes: no part of
`make test`.
"""

import os
import pwd
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.ports import free_port
from tests.support.postgres import public_directory
from tests.support.processes import Program, wait_until

_ROOT = Path(__file__).parents[2]
_PYTHON = "/usr/bin/python3"  # one that every user can read
_FIRST, _SECOND, _END = 120, 10, 30
# What pip and uv need to reach a registry from behind a proxy; everything else of ours stays behind.
_NETWORK = ("PIP_", "UV_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True)
class Person:
    """Who tries it; `mode` is that of the directory they clone into."""

    name: str
    uid: int
    mode: int


def people() -> list[Person]:
    """Ourselves and, if we are root, somebody who is not."""
    ourselves = Person(pwd.getpwuid(os.geteuid()).pw_name, os.geteuid(), 0o700)
    if os.geteuid() != 0:
        return [ourselves]
    return [ourselves, Person("daemon", pwd.getpwnam("daemon").pw_uid, 0o755)]


@contextmanager
def clone(person: Person) -> Iterator[Path]:
    """A fresh clone in a home directory of the person's own."""
    with public_directory() as top:
        home = top / person.name
        subprocess.run(["git", "clone", "--quiet", f"file://{_ROOT}", str(home / "pillarbox")], check=True)
        subprocess.run(["chown", "-R", str(person.uid), str(home)], check=True)
        home.chmod(person.mode)
        try:
            yield home / "pillarbox"
        finally:
            _remove_database_elsewhere(home)


def _remove_database_elsewhere(home: Path) -> None:
    for note in home.glob("pillarbox/.pillarbox/**/location"):
        shutil.rmtree(note.read_text(encoding="utf-8").strip())


def environment(folder: Path) -> dict[str, str]:
    """What a person who has just logged in has."""
    network = {name: value for name, value in os.environ.items() if name.upper().startswith(_NETWORK)}
    return network | {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder.parent), "LANG": "C.UTF-8"}


def run_once(folder: Path, person: Person, port: int, within: float) -> float:
    """Start it, ask it whether it is well, press Ctrl-C; give the seconds until it was ready."""
    command = ["make", f"PYTHON={_PYTHON}", "run", f"ARGS=--port {port}"]
    with Program(command, environment(folder), folder, person.uid) as program:
        base = program.wait_for(r"^ready (http\S+)", within)[1]
        seconds = time.monotonic() - program.started
        with urllib.request.urlopen(f"{base}/_status", timeout=5) as answer:
            assert answer.status == 200
        program.interrupt()
        program.wait(_END)
        wait_until(lambda: not program.processes(), _END, "no process left after Ctrl-C")
    return seconds


def main() -> None:
    """Let everybody try, and print how long it took."""
    for person in people():
        with clone(person) as folder:
            port = free_port()
            first = run_once(folder, person, port, _FIRST)
            second = run_once(folder, person, port, _SECOND)
        print(f"{person.name}: ready after {first:.1f} s, the second time after {second:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
