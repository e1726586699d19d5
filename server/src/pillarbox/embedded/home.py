"""The folders of one embedded PostgreSQL: its data, its socket, its log."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from pillarbox.embedded import elsewhere
from pillarbox.embedded.account import Account
from pillarbox.embedded.errors import DirectoryUnusable

# A socket's whole path has 107 bytes (108 with the closing zero); PostgreSQL adds this name to the folder.
_SOCKET = "/.s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107


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
        root = elsewhere.of(directory) or directory
        account = Account.for_data(root)
        if account.drop and root == directory and not account.can("-x", directory):
            root = elsewhere.make(directory)
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
