"""Where root's databases live when the chosen directory is closed to the user that PostgreSQL runs as.

Root's own home is closed to others, and opening it is not for us. A file `location` in the directory tells where the
database is, a file `directory` there tells whose it is.
"""

import os
import shutil
import tempfile
import uuid
from pathlib import Path

from pillarbox.embedded.errors import DirectoryUnusable

_PERMANENT = Path("/var/lib/pillarbox")


def of(directory: Path) -> Path | None:
    """Return where the database of a directory was put; None if it was not.

    Raises:
        DirectoryUnusable: it is gone.
    """
    note = directory / "location"
    if not note.exists() or note.stat().st_uid != os.geteuid():  # only what we wrote ourselves is believed
        return None
    there = Path(note.read_text(encoding="utf-8").strip())
    if not there.exists():
        raise DirectoryUnusable(
            f"The database of {directory} was kept in {there}, which is gone: bring it back, "
            f"or remove {note} to begin with an empty one."
        )
    return there


def make(directory: Path) -> Path:
    """Make a place for the database of a directory and note it in both.

    Raises:
        DirectoryUnusable: the directory has a database already, or the place is not ours.
    """
    if (directory / "data").exists():
        raise DirectoryUnusable(
            f"{directory} is closed to the user that PostgreSQL runs as: open it and its parents (chmod o+x)."
        )
    root = _shelf(directory) / f"{directory.name}-{uuid.uuid4().hex[:12]}"
    root.mkdir()
    root.chmod(0o755)  # whatever our umask is
    (root / "directory").write_text(f"{directory}\n", encoding="utf-8")
    (directory / "location").write_text(f"{root}\n", encoding="utf-8")
    return root


def _shelf(directory: Path) -> Path:
    """What was kept for a temporary directory is temporary too, and swept away once that is gone."""
    temporary = Path(tempfile.gettempdir()).resolve()
    if not directory.resolve().is_relative_to(temporary):
        return _ours(_PERMANENT)
    shelf = _ours(temporary / "pillarbox-databases")
    for note in shelf.glob("*/directory"):
        if not Path(note.read_text(encoding="utf-8").strip()).exists():
            shutil.rmtree(note.parent, ignore_errors=True)
    return shelf


def _ours(shelf: Path) -> Path:
    shelf.mkdir(parents=True, exist_ok=True)
    if shelf.is_symlink() or shelf.stat().st_uid != os.geteuid():
        raise DirectoryUnusable(f"{shelf} belongs to another user: remove it.")
    shelf.chmod(0o755)
    return shelf
