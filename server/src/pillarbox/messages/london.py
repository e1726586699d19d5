"""London time: days, years and reports are counted by it, while everything is stored in UTC."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_ONE_MICROSECOND = timedelta(microseconds=1)


def to_london(moment: datetime) -> datetime:
    """An aware moment on the clocks of London."""
    return moment.astimezone(LONDON)


def from_london(clock: datetime) -> datetime:
    """What London's clocks show, without a zone, as a moment in UTC.

    Of an hour that comes twice the first is meant; one that is skipped is read as if no clock had changed.
    """
    return clock.replace(tzinfo=LONDON).astimezone(UTC)


def midnight(day: date) -> datetime:
    """The moment, in UTC, at which a day begins in London."""
    return from_london(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - from_london gives it its zone


def midnight_days_ago(now: datetime, days: int) -> datetime:
    """London midnight of the day that many days before now, where retention ends.

    The day is taken from the date in UTC, as callers are used to. Contract: content rules, section 10.
    """
    return midnight(now.astimezone(UTC).date() - timedelta(days=days))


def financial_year(year: int) -> tuple[datetime, datetime]:
    """The first and the last moment, in UTC, of the financial year that starts in April of a year."""
    return midnight(date(year, 4, 1)), midnight(date(year + 1, 4, 1)) - _ONE_MICROSECOND


def financial_year_of(moment: datetime) -> int:
    """The year in which the financial year of a moment started."""
    day = to_london(moment)
    return day.year if day.month >= 4 else day.year - 1


def api_time(moment: datetime) -> str:
    """A moment as the API writes it: UTC with six decimals."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def report_time(moment: datetime) -> str:
    """A moment as CSV reports write it: London time to the second."""
    return to_london(moment).strftime("%Y-%m-%d %H:%M:%S")
