from datetime import UTC, datetime

import pytest

from pillarbox.messages.print_files import file_name, folder, sheets


@pytest.mark.parametrize(
    ("postage", "code"),
    [("first", "1"), ("second", "2"), ("economy", "ECONOMY"), ("europe", "E"), ("rest-of-world", "N")],
)
def test_files_are_named_for_reference_class_and_time_in_utc(postage, code):
    created_at = datetime(2026, 8, 19, 16, 30, 1, tzinfo=UTC)
    assert folder(created_at) == "2026-08-20/"
    assert file_name("abcDEF1", created_at, postage) == f"NOTIFY.ABCDEF1.D.{code}.C.20260819163001.PDF"


def test_an_unknown_postage_has_no_file_name():
    with pytest.raises(ValueError, match="airmail"):
        file_name("abc", datetime(2026, 8, 19, tzinfo=UTC), "airmail")


@pytest.mark.parametrize(("pages", "count"), [(0, 0), (1, 1), (2, 1), (3, 2), (10, 5), (11, 6)])
def test_a_sheet_has_two_pages(pages, count):
    assert sheets(pages) == count
