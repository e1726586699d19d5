"""How long messages are kept (public API contract, section 7, Retention)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from pillarbox.messages.london import midnight_days_ago

DEFAULT_DAYS: Final = 7
_LEAST, _MOST = 3, 90

# Letters in these stay, however old: somebody is still to do something about them.
UNFINISHED_LETTERS: Final = ("created", "sending", "pending-virus-check")


class Kept(msgspec.Struct, frozen=True):
    """From when on the messages of a service's channel are kept."""

    service_id: UUID
    channel: str
    since: datetime


class Keeping(msgspec.Struct, frozen=True):
    """From when on messages are kept: in general, and where a service has it otherwise."""

    since: datetime
    otherwise: tuple[Kept, ...] = ()

    @property
    def latest(self) -> datetime:
        """What was created from here on is kept by everyone."""
        return max([self.since, *(kept.since for kept in self.otherwise)])


def keeping(now: datetime, services: Iterable[tuple[UUID, Mapping[str, object]]]) -> Keeping:
    """Return what is kept now.

    Args:
        now: an aware moment.
        services: ids and, by channel, the days for which they keep messages; 7 where nothing is said. Numbers outside
            3 to 90 count as the nearest of these.
    """
    otherwise = [
        Kept(service_id, channel, midnight_days_ago(now, days))
        for service_id, days_by_channel in services
        for channel, said in days_by_channel.items()
        if (days := _days(said)) != DEFAULT_DAYS
    ]
    return Keeping(midnight_days_ago(now, DEFAULT_DAYS), tuple(otherwise))


def _days(said: object) -> int:
    return min(max(said, _LEAST), _MOST) if isinstance(said, int) else DEFAULT_DAYS
