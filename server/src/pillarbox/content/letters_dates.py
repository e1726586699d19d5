"""The date at the head of a letter."""

from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")

_ENGLISH_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WELSH_MONTHS = [
    "Ionawr",
    "Chwefror",
    "Mawrth",
    "Ebrill",
    "Mai",
    "Mehefin",
    "Gorffennaf",
    "Awst",
    "Medi",
    "Hydref",
    "Tachwedd",
    "Rhagfyr",
]


class Language(StrEnum):
    """A language that letters are printed in."""

    ENGLISH = "english"
    WELSH = "welsh"


def letter_date(created_at: datetime, language: Language = Language.ENGLISH) -> str:
    """The day a letter was made in London: ``1 March 2026``, in Welsh ``1 Mawrth 2026``.

    Args:
        created_at: when the letter was made; it has to have a time zone.
        language: the language of the month's name.

    Contract: content rules, section 7.
    """
    day = created_at.astimezone(UTC).astimezone(_LONDON).date()
    months = _WELSH_MONTHS if language is Language.WELSH else _ENGLISH_MONTHS
    return f"{day.day} {months[day.month - 1]} {day.year}"
