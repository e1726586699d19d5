"""One process at a time looks after a directory."""

import fcntl
import os
from pathlib import Path

from pillarbox.embedded.errors import DirectoryInUse


class Lock:
    """Held by the process that looks after a directory; the kernel lets go of it however the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> None:
        """Take it, or do nothing when we have it.

        Raises:
            DirectoryInUse: another process has it.
        """
        if self._file is not None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20)
            os.close(file)
            raise DirectoryInUse(self._path.parent, int(holder) if holder.isdigit() else None) from None
        os.ftruncate(file, 0)
        os.write(file, str(os.getpid()).encode())
        self._file = file

    def release(self) -> None:
        """Let go of it; twice is the same as once."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
