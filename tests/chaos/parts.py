"""The processes of a run: started, killed without warning, and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from pillarbox.embedded import EmbeddedPostgres
from tests.chaos.scene import Book


class Process:
    """One process with a log of its own. It ends by itself when we do: its standard input closes then."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], directory: Path) -> None:
        self.name = name
        self._command = [sys.executable, "-m", *command]
        self._env = env
        self._log = directory / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self.kill()  # what ended by itself has left its end of the pipe
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=self._env
            )

    def kill(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


class Database:
    """PostgreSQL; killed as a whole, or one of the processes that serve connections, which ends all connections."""

    name = "postgres"

    def __init__(self, directory: Path) -> None:
        self._server = EmbeddedPostgres(directory / "postgres")
        self.url = self._server.start()

    @property
    def lives(self) -> bool:
        return self._server.is_running()

    def start(self) -> None:
        self._server.start()

    def kill(self) -> None:
        if self._server.pid is not None:
            os.kill(self._server.pid, signal.SIGKILL)
        while self._server.is_running():
            time.sleep(0.01)

    def kill_backend(self) -> bool:
        """Whether there was one to kill."""
        assert self._server.pid is not None
        for child in psutil.Process(self._server.pid).children():
            if "idle" in (title := " ".join(child.cmdline())) and "pillarbox" in title:
                child.kill()
                return True
        return False

    def stop(self) -> None:
        self._server.stop()


class Killing:
    """Kills and starts again, and writes down when."""

    def __init__(self, parts: Sequence[Process | Database], book: Book) -> None:
        self.parts = {part.name: part for part in parts}
        self._book = book
        self._dead: dict[str, float] = {}  # until when

    def kill(self, name: str, seconds: float) -> None:
        """Kill a part, for so long."""
        part = self.parts[name]
        if name in self._dead:
            return
        self._book.write("kill", part=name)
        part.kill()
        self._dead[name] = time.time() + seconds

    def kill_backend(self) -> None:
        """PostgreSQL ends all connections then and recovers."""
        database = self.parts["postgres"]
        assert isinstance(database, Database)
        if "postgres" not in self._dead and database.kill_backend():
            self._book.write("kill", part="backend")

    def look(self) -> None:
        """Start what has been dead for long enough, and what died without being killed, which is noted."""
        for name, part in self.parts.items():
            if name not in self._dead and not part.lives:
                self._book.write("died", part=name)
                self._dead[name] = 0.0
        for name in [name for name, until in self._dead.items() if time.time() >= until]:
            self.parts[name].start()
            self._book.write("start", part=name)
            del self._dead[name]
