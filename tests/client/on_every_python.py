"""Run the client's tests on every Python from 3.8 that this machine has, each in an environment of its own.

python tests/client/on_every_python.py [3.8 3.13 ...] [-- arguments for pytest]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venv-client"
UV = ROOT / ".venv" / "bin" / "uv"
NEEDS = (
    "pytest",
    "pytest-asyncio",
    "pytest-socket",
    "hypothesis",
    "requests-mock",
    "responses",
    "django",
    "starlette",
)
OLDEST = (3, 8)
ASK = "import sys; print(*sys.version_info[:3])"


def candidates() -> list[Path]:
    """Programs that may be a Python: on PATH and where pyenv keeps them."""
    folders = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(pyenv.glob("versions/*/bin"))
    found = [path for folder in folders if folder.is_dir() for path in folder.glob("python3*")]
    return [path for path in found if re.fullmatch(r"python3(\.\d+)?", path.name)]


def version(python: Path) -> tuple[int, ...] | None:
    """Ask a program for its version; None if it does not run."""
    try:
        answer = subprocess.run([python, "-c", ASK], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(int(part) for part in answer.stdout.split())


def pythons() -> dict[tuple[int, ...], Path]:
    """The newest patch release of each minor version."""
    found: dict[tuple[int, ...], tuple[tuple[int, ...], Path]] = {}
    for python in candidates():
        full = version(python)
        if full is not None and full[:2] >= OLDEST:
            found[full[:2]] = max(found.get(full[:2], (full, python)), (full, python))
    return {minor: python for minor, (_, python) in sorted(found.items())}


def run(minor: tuple[int, ...], python: Path, arguments: list[str]) -> bool:
    """Make the environment, or bring it up to date, and run the tests in it."""
    name = ".".join(map(str, minor))
    home = ENVIRONMENTS / name
    inside = home / "bin" / "python"
    if not inside.exists():
        subprocess.run([UV, "venv", "--quiet", "--python", python, home], check=True)
    install = [UV, "pip", "install", "--quiet", "--python", inside]
    subprocess.run([*install, "--editable", f"{ROOT / 'client'}[async,cli]", *NEEDS], check=True)
    print(f"== Python {name}", flush=True)
    # Not ours: a library below keyring complains about the oldest Python.
    quiet = ["-W", "ignore:Python 3.8 is no longer supported"]
    # The conftest above serves the server's tests and needs what the server needs.
    own = ["-p", "no:cacheprovider", "--confcutdir", "tests/client", "tests/client"]
    tests = [inside, "-m", "pytest", "-q", *quiet, *own, *arguments]
    return subprocess.run(tests, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Run them all; say which ran and which failed."""
    split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    wanted, arguments = sys.argv[1:split], sys.argv[split + 1 :]
    chosen = {
        minor: python
        for minor, python in pythons().items()
        if not wanted or ".".join(map(str, minor)) in wanted
    }
    passed = {minor: run(minor, python, arguments) for minor, python in chosen.items()}
    for minor, good in passed.items():
        print(f"Python {'.'.join(map(str, minor))}: {'passed' if good else 'FAILED'}")
    return 0 if passed and all(passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
