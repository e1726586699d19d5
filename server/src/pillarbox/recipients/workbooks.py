"""Workbooks of Excel and OpenDocument, read as rows of text."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain, islice
from typing import Any
from zipfile import ZipFile

import openpyxl
from python_calamine import CalamineWorkbook, SheetMetadata, SheetTypeEnum, SheetVisibleEnum

from pillarbox.recipients.open_document import check_extent
from pillarbox.recipients.sheet_layout import SheetLayout
from pillarbox.recipients.spreadsheet_errors import MAX_COLUMNS, UnreadableSpreadsheet

MAX_ROWS = 200_000

_MIN_COLUMNS = 50
_OLD_EXCEL = (b"\xd0\xcf\x11\xe0", b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_EXCEL_ROWS = 1_048_576
_MAX_MERGED = 5_000_000

Rows = Iterator[list[str]]


def excel_rows(data: bytes) -> Rows:
    """The rows of the first visible sheet of an Excel workbook (xlsx, xlsm), as people see them.

    Hidden rows and columns are left out, merged cells all have the value of the first, and formulas the result they
    had when the file was saved.

    Raises:
        UnreadableSpreadsheet: there are too many rows or columns, or no sheet to be seen.

    Contract: content rules, section 8.
    """
    with ZipFile(BytesIO(data)) as archive, warnings.catch_warnings(action="ignore"):
        _check_size(archive)
        workbook = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        sheet = next((sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"), None)
        if sheet is None:
            raise UnreadableSpreadsheet("unreadable")
        layout = SheetLayout.read(archive, sheet.title)
        sheet.reset_dimensions()
        header = next(_shown(sheet.iter_rows(values_only=True), layout), ())
    width = _width(header, layout.last_column)
    rows = _quietly(sheet.iter_rows(max_col=width, values_only=True))
    shown = _shown(_merged(rows, layout, width), layout)
    # Even an empty sheet has its first cell.
    for row in chain([next(shown, [None])], shown):
        yield [_text(value) for column, value in enumerate(row, start=1) if not layout.hides_column(column)]


def open_document_rows(data: bytes) -> Rows:
    """The rows of the first visible sheet of an OpenDocument spreadsheet (ods).

    Raises:
        UnreadableSpreadsheet: there are too many rows or columns, or no sheet to be seen.
    """
    with ZipFile(BytesIO(data)) as archive, archive.open("content.xml") as content:
        _check_size(archive)
        check_extent(content)
    return _calamine_rows(data)


def old_excel_rows(data: bytes) -> Rows:
    """The rows of the first visible sheet of an old Excel workbook (xls).

    Raises:
        UnreadableSpreadsheet: there are too many rows or columns, or no sheet to be seen.
    """
    if not data.startswith(_OLD_EXCEL):
        raise UnreadableSpreadsheet("unreadable")
    return _calamine_rows(data)


def _calamine_rows(data: bytes) -> Rows:
    workbook = CalamineWorkbook.from_filelike(BytesIO(data))
    name = next((sheet.name for sheet in workbook.sheets_metadata if _is_seen(sheet)), None)
    if name is None:
        raise UnreadableSpreadsheet("unreadable")
    sheet = workbook.get_sheet_by_name(name)
    # What the library calls the total height is the index of the last row.
    if sheet.total_height >= MAX_ROWS:
        raise UnreadableSpreadsheet("too-many-rows")
    rows = sheet.to_python(skip_empty_area=False) or [[]]
    width = _width(rows[0], len(rows[0]))
    for row in rows:
        yield [_text(_whole(value)) for value in _padded(row, width)]


def _is_seen(sheet: SheetMetadata) -> bool:
    return sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet


def _check_size(archive: ZipFile) -> None:
    """Refuse the few files that unpack to more than any spreadsheet anybody would send."""
    if sum(member.file_size for member in archive.infolist()) > _MAX_UNPACKED:
        raise UnreadableSpreadsheet("save-as-csv")


def _width(header: Sequence[Any], last_column: int) -> int:
    """How many columns are read: as far as the header goes, and at least some dozens if there are cells."""
    named = max(
        (column for column, value in enumerate(header, start=1) if value not in {None, ""}), default=0
    )
    if named > MAX_COLUMNS:
        raise UnreadableSpreadsheet("too-many-columns")
    return max(1, named, min(last_column, _MIN_COLUMNS))


def _shown(rows: Iterable[Sequence[Any]], layout: SheetLayout) -> Iterator[Sequence[Any]]:
    """The rows that are not hidden, of which there may be so many; blank ones after that are left out."""
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS and (number > _MAX_EXCEL_ROWS or any(value is not None for value in row)):
            raise UnreadableSpreadsheet("too-many-rows")
        if number <= MAX_ROWS and number not in layout.hidden_rows:
            yield row


def _merged(rows: Iterable[Sequence[Any]], layout: SheetLayout, width: int) -> Iterator[Sequence[Any]]:
    """The rows with the value of merged cells in all of them, and not in the first alone."""
    coming = sorted(layout.merged, key=lambda area: area[1], reverse=True)
    if sum(min(last, MAX_ROWS) - first + 1 for _, first, _, last in coming) > _MAX_MERGED:
        raise UnreadableSpreadsheet("save-as-csv")
    current: list[tuple[int, int, int, Any]] = []
    for number, row in enumerate(rows, start=1):
        while coming and coming[-1][1] <= number:
            first_column, _, last_column, last_row = coming.pop()
            if first_column <= width:
                value = _padded(row, width)[first_column - 1]
                current.append((first_column, min(last_column, width), last_row, value))
        current = [area for area in current if area[2] >= number]
        yield _filled(_padded(row, width), current) if current else _padded(row, width)


def _filled(row: list[Any], areas: Iterable[tuple[int, int, int, Any]]) -> list[Any]:
    for first, last, _, value in areas:
        row[first - 1 : last] = [value] * (last - first + 1)
    return row


def _padded(row: Sequence[Any], width: int) -> list[Any]:
    return [*row[:width], *[None] * (width - len(row))]


def _quietly(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The rows without warnings about dates and styles that the library finds odd, which help nobody here."""
    reading = iter(rows)
    while True:
        with warnings.catch_warnings(action="ignore"):
            batch = list(islice(reading, 500))
        if not batch:
            return
        yield from batch


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _whole(value: Any) -> Any:
    """A number without decimal places as such: these kinds of files know fractions only."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
