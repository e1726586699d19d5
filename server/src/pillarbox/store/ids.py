"""Ids that tell when they were made: UUIDv7 (RFC 9562, section 5.7) with microseconds.

The 48 bits in front are milliseconds since the epoch; the 12 bits behind the version hold the rest of the microsecond
clock. `created_at` of a row is exactly what its id says, so that an id alone leads to one partition.
"""

import os
from datetime import UTC, datetime, timedelta
from time import time_ns
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_VARIANT = 0b10 << 62


def new_id() -> tuple[UUID, datetime]:
    """Return a new id and the moment it holds, to the microsecond."""
    microseconds = time_ns() // 1000
    milliseconds, rest = divmod(microseconds, 1000)
    random = int.from_bytes(os.urandom(8)) >> 2
    value = (milliseconds << 80) | (0x7 << 76) | (rest << 64) | _VARIANT | random
    return UUID(int=value), _EPOCH + timedelta(microseconds=microseconds)


def created_at_of(identifier: UUID) -> datetime | None:
    """Return the moment that an id of ours was made; None if it is of another kind."""
    if identifier.version != 7:
        return None
    milliseconds, rest = identifier.int >> 80, (identifier.int >> 64) & 0xFFF
    if rest >= 1000 or milliseconds >= _LAST:  # a UUIDv7 that was made elsewhere, or up
        return None
    return _EPOCH + timedelta(milliseconds=milliseconds, microseconds=rest)
