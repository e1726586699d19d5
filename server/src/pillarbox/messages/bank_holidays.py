"""Bank holidays of England and Wales, on which nothing is printed or posted.

The table ends with a year; after it only week-ends count. It wants refreshing every year.
"""

import json
from datetime import date, timedelta
from importlib.resources import files

_SATURDAY, _SUNDAY = 5, 6


def _read() -> frozenset[date]:
    table = files(__package__).joinpath("data", "bank-holidays.json").read_text(encoding="utf-8")
    return frozenset(map(date.fromisoformat, json.loads(table)["england_and_wales"]))


BANK_HOLIDAYS = _read()


def is_working_day(day: date, *, on_saturdays: bool = False) -> bool:
    """Whether printers and postmen work: Monday to Friday, perhaps Saturday, and never on a bank holiday."""
    last_day_off = _SUNDAY if on_saturdays else _SATURDAY
    return day.weekday() < last_day_off and day not in BANK_HOLIDAYS


def working_days_after(day: date, count: int, *, on_saturdays: bool = False) -> date:
    """The working day that comes the given number of working days, at least one, after a day."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, on_saturdays=on_saturdays)
    return day
