"""When letters are printed and delivered, and until when they can be cancelled."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pillarbox.messages.bank_holidays import working_days_after
from pillarbox.messages.london import to_london
from pillarbox.messages.postage import POST_CLASSES, Postage

CLOSING_TIME = time(17, 30)
"""Letters of a day, in London, go to the printer with what came in up to here."""

_UNTIL_MIDNIGHT = timedelta(hours=6, minutes=30)
_PRINTED_BY, _DELIVERED_BY = 15, 16
_CANCELLABLE = frozenset({"created", "pending-virus-check"})


@dataclass(frozen=True, slots=True)
class LetterTimes:
    """What a sender is told about a letter; all in UTC."""

    printed_by: datetime
    earliest_delivery: datetime
    latest_delivery: datetime
    """The API's ``estimated_delivery``."""


def letter_times(created_at: datetime, postage: str) -> LetterTimes:
    """When a letter will be printed and delivered.

    Args:
        created_at: an aware moment. Its seconds and microseconds show in the results, as they always did.
        postage: one of the values of `Postage`.

    Raises:
        ValueError: there is no such postage.

    Contract: content rules, section 10; public API, "GET notification".
    """
    created = to_london(created_at)
    post = POST_CLASSES[Postage(postage)]
    printed = working_days_after((created + _UNTIL_MIDNIGHT).date(), 1)

    def delivered(transit: int) -> datetime:
        day = working_days_after(printed, 1 + transit, on_saturdays=post.on_saturdays)
        return _at(day, _DELIVERED_BY, created)

    earliest, latest = map(delivered, post.transit)
    return LetterTimes(_at(printed, _PRINTED_BY, created), earliest, latest)


def _at(day: date, hour: int, created: datetime) -> datetime:
    clock = created.replace(year=day.year, month=day.month, day=day.day, hour=hour, minute=0)
    return clock.astimezone(UTC)


def collection_day(created_at: datetime) -> date:
    """The day, in London, on which a letter is collected for printing.

    It is the next day if the letter came after closing time. Contract: content rules, section 10, "Print-run
    folder".
    """
    created = to_london(created_at)
    late = created.time() > CLOSING_TIME
    return created.date() + timedelta(days=late)


def can_be_cancelled(status: str, created_at: datetime, now: datetime) -> bool:
    """Whether a person may still cancel a letter.

    Both times count to the minute: a letter of 17:30:59 goes with its day's letters, and at 17:30:00 it is
    too late for them. Contract: content rules, section 10.
    """
    closes = datetime.combine(_collection_day_to_the_minute(created_at), CLOSING_TIME)
    return status in _CANCELLABLE and to_london(now).replace(tzinfo=None) < closes


def print_day_text(created_at: datetime, now: datetime) -> str:
    """When a letter that cannot be cancelled any more is printed: ``today`` or ``on 19 August``."""
    day = _collection_day_to_the_minute(created_at)
    return "today" if day == to_london(now).date() else f"on {day.day} {day:%B}"


def _collection_day_to_the_minute(created_at: datetime) -> date:
    return collection_day(created_at.replace(second=0, microsecond=0))
