"""The folders of one embedded PostgreSQL: its data, its socket, its log, and who may use them."""

import fcntl
import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from pillarbox.embedded.account import Account
from pillarbox.embedded.errors import DirectoryInUse, DirectoryUnusable

# A socket's whole path has 107 bytes (108 with the closing zero); PostgreSQL adds this name to the folder.
_SOCKET = "/.s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107
# Where root's databases live when the chosen directory is closed to the user that PostgreSQL runs as.
_ELSEWHERE = Path("/var/lib/pillarbox")


@dataclass(frozen=True)
class Home:
    """Where the files are. `root` is the chosen directory or, out of reach of the account, one elsewhere."""

    root: Path
    account: Account

    @classmethod
    def at(cls, directory: Path) -> "Home":
        """Find or make the home that belongs to a directory.

        Raises:
            DirectoryUnusable: the directory belongs to somebody else, or what it points to is gone.
        """
        root = _moved_to(directory) or directory
        account = Account.for_data(root)
        if account.drop and root == directory and not account.can("-x", directory):
            root = _move_elsewhere(directory)
        return cls(root, account)

    @property
    def data(self) -> Path:
        """What PostgreSQL calls its data directory."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What PostgreSQL writes to standard error."""
        return self.root / "postgres.log"

    def sockets(self) -> Path:
        """Make sure of the folder for the socket: here if the path is short enough, else a temporary one.

        Raises:
            DirectoryUnusable: the temporary folder's name is taken by another user.
        """
        here = self.root / "socket"
        if len(os.fsencode(here)) + len(_SOCKET) > _LONGEST_SOCKET_PATH:
            key = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
            here = Path("/tmp") / f"pillarbox-{key}"  # noqa: S108 - made for one user, checked below
        self.account.own(_not_anothers(here, self.account))
        return here


def _not_anothers(path: Path, account: Account) -> Path:
    """Anybody may have made something of that name in a temporary folder: never follow or take it over."""
    if path.is_symlink() or (path.exists() and path.stat().st_uid not in (account.uid, os.geteuid())):
        raise DirectoryUnusable(
            f"{path} belongs to another user: remove it, or choose a shorter data directory."
        )
    return path


def _moved_to(directory: Path) -> Path | None:
    note = directory / "location"
    if not note.exists():
        return None
    elsewhere = Path(note.read_text(encoding="utf-8").strip())
    if not elsewhere.exists():
        raise DirectoryUnusable(
            f"The database of {directory} was kept in {elsewhere}, which is gone: bring it back, "
            f"or remove {note} to begin with an empty one."
        )
    return elsewhere


def _move_elsewhere(directory: Path) -> Path:
    """Root's own home is closed to others, and to open it is not for us: put the files beside it."""
    if (directory / "data").exists():
        raise DirectoryUnusable(
            f"{directory} is closed to the user that PostgreSQL runs as: open it and its parents (chmod o+x)."
        )
    root = _ELSEWHERE / f"{directory.name}-{uuid.uuid4().hex[:12]}"
    root.mkdir(parents=True)
    for path in (_ELSEWHERE, root):
        path.chmod(0o755)  # whatever our umask is
    (root / "directory").write_text(f"{directory}\n", encoding="utf-8")
    (directory / "location").write_text(f"{root}\n", encoding="utf-8")
    return root


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
