from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.messages.bank_holidays import BANK_HOLIDAYS, is_working_day, working_days_after

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("day", "works", "works_with_saturdays"),
    [
        ("2026-08-21", True, True),
        ("2026-08-22", False, True),
        ("2026-08-23", False, False),
        ("2026-12-25", False, False),
        ("2026-12-28", False, False),
        ("2020-12-26", False, True),
    ],
)
def test_nobody_works_on_sundays_and_bank_holidays(day, works, works_with_saturdays):
    assert is_working_day(date.fromisoformat(day)) is works
    assert is_working_day(date.fromisoformat(day), on_saturdays=True) is works_with_saturdays


def test_the_table_has_at_least_eight_holidays_a_year():
    years = [day.year for day in BANK_HOLIDAYS]
    assert all(years.count(year) >= 8 for year in range(2018, 2028))


@given(DAYS, st.integers(1, 30), st.booleans())
def test_working_days_are_counted_one_by_one(day, count, on_saturdays):
    last = working_days_after(day, count, on_saturdays=on_saturdays)
    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert sum(is_working_day(d, on_saturdays=on_saturdays) for d in between) == count
    assert is_working_day(last, on_saturdays=on_saturdays)
