"""Who PostgreSQL runs as: it refuses root, so root steps down to a user without rights."""

import os
import pwd
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pillarbox.embedded.errors import DirectoryUnusable


@dataclass(frozen=True)
class Account:
    """A user to run PostgreSQL as; `drop` says whether we are root and have to step down to it."""

    uid: int
    gid: int
    drop: bool

    @classmethod
    def for_data(cls, root: Path) -> "Account":
        """Ourselves; for root the owner of the data in `root`, of `root` itself, or nobody.

        Raises:
            DirectoryUnusable: we are not root, and the directory belongs to somebody else.
        """
        data = root / "data"
        found = (data if data.exists() else root).stat()
        if os.geteuid() != 0:
            if data.exists() and found.st_uid != os.geteuid():
                raise DirectoryUnusable(
                    f"{data} belongs to {_name(found.st_uid) or found.st_uid}: start Pillarbox as that user "
                    "(or as root), or choose another data directory."
                )
            return cls(os.geteuid(), os.getegid(), drop=False)
        # A number without a name will not do for a new database: initdb insists on looking itself up.
        if found.st_uid != 0 and (data.exists() or _name(found.st_uid)):
            return cls(found.st_uid, found.st_gid, drop=True)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid, drop=True)

    def own(self, path: Path) -> None:
        """Make sure of a directory that only this user (and root) can enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.drop:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)

    def hand_over(self, path: Path) -> None:
        """Give a file that root made to the user, who may be the one to start Pillarbox next time."""
        if self.drop:
            os.chown(path, self.uid, self.gid)

    def can(self, permission: str, path: Path) -> bool:
        """Whether the user has this permission of test(1) (`-x`) on a path, all its parents included."""
        return self.run(["test", permission, str(path)], None) == 0

    def run(self, command: list[str], log: IO[bytes] | None) -> int:
        """Run a program to its end and give its exit code; if we are interrupted, so is all that it started."""
        process = self.start(command, log)
        try:
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise

    def start(self, command: list[str], log: IO[bytes] | None) -> "subprocess.Popen[bytes]":
        """Start a program as this user, in a session of its own, so that Ctrl-C does not reach it."""
        output = subprocess.DEVNULL if log is None else log
        return subprocess.Popen(  # noqa: S603 - our own command, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",  # ours may be out of reach for the user
            env=_environment(),
            start_new_session=True,
            user=self.uid if self.drop else None,
            group=self.gid if self.drop else None,
            extra_groups=[] if self.drop else None,
        )


def _environment() -> dict[str, str]:
    """Ours, without what would change how PostgreSQL reads its arguments or speaks in its log."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "PILLARBOX_"))
    }
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
