"""Where one thing is still allowed and the next one is not."""

import pytest

from pillarbox.content.texts import TextTemplate
from pillarbox.recipients.postal_addresses import PostalAddress
from pillarbox.recipients.row_templates import TextRows
from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet
from pillarbox.recipients.spreadsheets import read_spreadsheet
from pillarbox.recipients.tables import RecipientTable

TEN_MEGABYTES = 10 * 1024 * 1024


def test_a_hundred_thousand_rows_are_read_and_the_others_counted():
    rows = [["phone number"], *[[""]] * 100_003]
    table = RecipientTable(rows, TextRows(TextTemplate("hello")))
    summary = table.summary()
    assert (sum(1 for _ in table), summary.row_count, summary.too_many_rows) == (100_000, 100_003, True)


def test_files_are_smaller_than_ten_megabytes():
    largest = (b"a" * 15 + b"\n") * (TEN_MEGABYTES // 16 - 1) + b"a" * 15
    assert next(iter(read_spreadsheet("a.csv", largest))) == ["a" * 15]
    with pytest.raises(UnreadableSpreadsheet) as refused:
        list(read_spreadsheet("a.csv", largest + b"a"))
    assert refused.value.message == "The file must be smaller than 10MB"


@pytest.mark.parametrize(
    ("line", "real"),
    [
        ("NFA", False),
        ("Canfa", True),
        ("NFA House", True),
        ("of no fixed abode", False),
        ("No fixed address", False),
    ],
)
def test_people_without_an_address_cannot_be_written_to(line, real):
    error = PostalAddress.parse(f"A Person\n{line}\nSW1A 1AA").error(international_letters=True)
    assert (error is None) is real
