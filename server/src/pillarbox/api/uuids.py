"""UUIDs as callers write them: either case, without hyphens, in braces, with `urn:uuid:` (contract, section 2)."""

from functools import lru_cache
from uuid import UUID


def as_uuid(value: object) -> UUID | None:
    """Return the UUID that a value from outside stands for; None if it is none."""
    if not isinstance(value, str) or len(value) > 60:  # nothing as long as that is one
        return None
    return _read(value)


@lru_cache(maxsize=4096)
def _read(value: str) -> UUID | None:
    """Services and templates are asked for again and again."""
    try:
        return UUID(value)
    except ValueError:
        return None
