"""Moments as gateways write them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pillarbox.providers.sms_http.description import Time

_PER_SECOND = {"unix": 1, "unix-ms": 1000}
_NUMBER = re.compile(r"\d{1,16}(\.\d{1,9})?")
_LONGEST = 64


def reader(time: Time) -> Callable[[str], datetime | None]:
    """Return what reads a moment and gives it in UTC; None for what cannot be read, since a time is never essential."""
    zone = ZoneInfo(time.zone)
    per_second = _PER_SECOND.get(time.format)

    def read(written: str) -> datetime | None:
        try:
            if per_second is None:
                return _moment(written[:_LONGEST], time.format, zone)
            return _since_1970(written[:_LONGEST], per_second)
        except (ValueError, OverflowError):
            return None

    return read


def _since_1970(written: str, per_second: int) -> datetime | None:
    if not _NUMBER.fullmatch(written):
        return None
    return datetime.fromtimestamp(float(written) / per_second, UTC)


def _moment(written: str, form: str, zone: ZoneInfo) -> datetime:
    moment = _clock(written, form)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _clock(written: str, form: str) -> datetime:
    if form == "iso":
        return datetime.fromisoformat(written)
    return datetime.strptime(written, form)  # noqa: DTZ007 - whoever asks gives it its zone
