"""A running PostgreSQL as its data directory tells of it: who it is, whether it is ready, how to end it."""

import os
import signal
import time
from pathlib import Path

from pillarbox.embedded.errors import EmbeddedPostgresError

# Fast shutdown ends the sessions and writes everything out; the next two are for one that hangs.
_WAYS_TO_STOP = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def pid_of(data: Path) -> int | None:
    """The process that runs on a data directory, though a supervisor before us may have started it."""
    pid = _lines(data)[:1]
    return int(pid[0]) if pid and pid[0].isdigit() and _runs_on(int(pid[0]), data) else None


def is_ready(data: Path, pid: int) -> bool:
    """Whether this process says that it takes connections."""
    lines = _lines(data)
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def forget_stale(data: Path, sockets: Path) -> None:
    """Remove the files of a server that is gone: its number may be another program's, or a zombie's, by now."""
    if pid_of(data) is None:
        for path in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
            path.unlink(missing_ok=True)


def stop(data: Path, pid: int) -> None:
    """Stop it and wait for its end: politely, then less so.

    Raises:
        EmbeddedPostgresError: it survives everything, for it waits for a disk that does not answer.
    """
    for way, patience in _WAYS_TO_STOP:
        _send(pid, way)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not _alive(pid):
                return
            time.sleep(0.01)
    raise EmbeddedPostgresError(f"PostgreSQL (process {pid}) on {data} does not stop, not even by SIGKILL.")


def _send(pid: int, way: signal.Signals) -> None:
    try:
        os.kill(pid, way)
    except ProcessLookupError:
        return


def _lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _alive(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:  # a child of ours that has ended stays until asked for
            return False
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """An orphan in a container whose first process does not reap stays listed for ever."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _runs_on(pid: int, data: Path) -> bool:
    """Whether that process was started on our data; after a reboot any program may have got its number."""
    if not _alive(pid):
        return False
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # a system without /proc: believe the file
    return os.fsencode(data) in arguments
