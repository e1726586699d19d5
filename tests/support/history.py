"""An earlier version of the server, taken out of the repository's history."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_MIGRATIONS = "server/src/pillarbox/console/*/migrations/0*.py"


def before_the_newest_migration() -> str:
    """The last commit whose schema is another; UPGRADE_FROM names another one. Without history the test is skipped."""
    if named := os.environ.get("UPGRADE_FROM"):
        return named
    added = _git("log", "-1", "--diff-filter=A", "--format=%H", "--", f":(glob){_MIGRATIONS}")
    if not added or not _git("rev-parse", "--verify", "--quiet", f"{added}~1"):
        pytest.skip("the history of this clone has no version before the newest migration")
    return _git("rev-parse", f"{added}~1")


def put_server_into(folder: Path, commit: str) -> Path:
    """The server's source as it was at a commit; what PYTHONPATH has to be for it."""
    packed = subprocess.run(
        ["git", "archive", "--format=tar", commit, "server/src"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)
    source = folder / "server" / "src"
    where = subprocess.run(
        [sys.executable, "-c", "import pillarbox; print(pillarbox.__file__)"],
        env=os.environ | {"PYTHONPATH": str(source)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert where.startswith(str(source)), where
    return source


def _git(*arguments: str) -> str:
    """What git says; nothing if there is no git, no repository or no such thing."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
