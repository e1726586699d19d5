"""How far the cells of an OpenDocument spreadsheet reach, found out before they take up memory."""

from typing import IO
from xml.etree.ElementTree import Element, iterparse

from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_MAX_CELLS = 10_000_000


def check_extent(content: IO[bytes]) -> None:
    """Refuse a document that says "and so on" until it is larger than any list of recipients.

    A cell or row that is there a million times takes up one line of the file.

    Args:
        content: the part of the document that holds its sheets.

    Raises:
        UnreadableSpreadsheet: a sheet reaches too far.
    """
    row = width = 0
    for _event, element in iterparse(content, events=("end",)):  # noqa: S314 - expat itself limits entities
        if element.tag == f"{_TABLE}table":
            row = width = 0
        if element.tag != f"{_TABLE}table-row":
            continue
        row += int(element.get(f"{_TABLE}number-rows-repeated", "1"))
        last = _last_column(element)
        width = max(width, last)
        if last and row * width > _MAX_CELLS:
            raise UnreadableSpreadsheet("too-many-rows")
        element.clear()


def _last_column(row: Element) -> int:
    """The last column of a row that has something in it; 0 if none has."""
    column = last = 0
    for cell in row:
        column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if len(cell) or cell.get(f"{_OFFICE}value-type"):
            last = column
    return last
