from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.messages.file_requests import (
    FILENAME_WITHOUT_EXTENSION,
    MAXIMUM_FILE_SIZE,
    FileRequestError,
    check_filename,
    filename_error,
    flag_error,
    parse_retention,
    retention_error,
    retention_weeks,
)

ANY_TEXT = st.text(st.characters())
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.lists(ANY_TEXT)


@pytest.mark.parametrize("value", [True, False, None])
def test_flags_are_true_false_or_null(value):
    assert flag_error("is_csv", value) is None


@pytest.mark.parametrize(("value", "shown"), [(0, "0"), (1, "1"), ("true", "true"), ("", ""), ([], "[]")])
def test_flags_are_nothing_else(value, shown):
    assert flag_error("is_csv", value) == (
        f"Unsupported value for is_csv: {shown}. Use a boolean true or false value."
    )


@pytest.mark.parametrize(
    ("value", "weeks", "stored"),
    [
        ("1 week", 1, "1 weeks"),
        ("26 weeks", 26, "26 weeks"),
        (" 78 WEEKS\n", 78, "78 weeks"),
        ("026 weeks", 26, "026 weeks"),
        ("٢ weeks", 2, "٢ weeks"),
    ],
)
def test_retention_is_a_number_of_weeks(value, weeks, stored):
    assert retention_weeks(value) == weeks
    assert parse_retention(value) == stored
    assert retention_error(value) is None


@pytest.mark.parametrize(
    "value", ["0 weeks", "79 weeks", "100 weeks", "26", "26  weeks", "1.5 weeks", "-1 weeks", 26, True]
)
def test_other_periods_are_refused(value):
    assert retention_error(value) == (
        f"Unsupported value for retention_period: {value}. Supported periods are from 1 to 78 weeks."
    )
    with pytest.raises(FileRequestError) as refused:
        parse_retention(value)
    assert str(refused.value) == "Retention period must be a string of the format '<1-78> weeks'."


def test_files_may_have_two_megabytes_and_a_little():
    assert MAXIMUM_FILE_SIZE == 2_098_176


def test_without_a_period_files_are_kept_half_a_year():
    assert retention_error(None) is None
    assert parse_retention(None) == "26 weeks"


@pytest.mark.parametrize(
    ("value", "fine"), [(None, True), ("a.csv", True), (".", True), ("", False), ("a", False), (5, False)]
)
def test_names_of_files_in_requests_have_a_full_stop(value, fine):
    assert filename_error(value) == (None if fine else FILENAME_WITHOUT_EXTENSION)


@pytest.mark.parametrize("name", ["a.PDF", "a.b.csv", "réport.docx", "a/b.pdf", ".txt", "x" * 96 + ".csv"])
def test_names_with_the_extension_of_a_supported_type_are_taken(name):
    assert check_filename(name) == name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x" * 97 + ".csv", "`filename` cannot be longer than 100 characters"),
        ("x" * 97 + ".exe", "`filename` cannot be longer than 100 characters"),
        ("a.EXE", "Unsupported file type '.exe'. Supported types are: '.csv', "),
        ("a.pdf ", "Unsupported file type '.pdf '. Supported types are: '.csv', "),
        ("a.", "Unsupported file type '.'. Supported types are: '.csv', "),
        ("pdf", FILENAME_WITHOUT_EXTENSION),
    ],
)
def test_other_names_are_refused(name, message):
    with pytest.raises(FileRequestError) as refused:
        check_filename(name)
    assert str(refused.value).startswith(message)


@given(ANYTHING)
def test_anything_can_be_asked_for(value):
    assert (retention_weeks(value) is None) == (value is None or retention_error(value) is not None)
    assert (flag_error("is_csv", value) is None) == (value is None or isinstance(value, bool))
    assert filename_error(value) in (None, FILENAME_WITHOUT_EXTENSION)


@given(ANY_TEXT)
def test_any_name_is_taken_or_refused(name):
    with suppress(FileRequestError):
        assert check_filename(name) == name


def test_numbers_without_end_are_refused():
    assert retention_weeks("9" * 1_000_000 + " weeks") is None
    assert retention_weeks("0" * 1_000_000 + "1 weeks") is None
