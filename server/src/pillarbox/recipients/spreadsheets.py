"""Files that people upload: spreadsheets of several kinds, each read as comma-separated text."""

import csv
import re
from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper
from pathlib import PurePath
from zipfile import BadZipFile

from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError

from pillarbox.recipients import workbooks
from pillarbox.recipients.csv_text import CsvText
from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet

MAX_BYTES = 10 * 1024 * 1024

_LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_OLD_EXCEL = (b"\xd0\xcf\x11\xe0", b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")


def read_spreadsheet(filename: str, data: bytes) -> CsvText:
    """The rows of an uploaded file, to be read as often as needed; mistakes in it show when it is read.

    Args:
        filename: its name, whose ending says what it is.
        data: its content.

    Contract: content rules, section 8.
    """
    return CsvText(lambda: csv_lines(filename, data))


def as_csv(filename: str, data: bytes) -> str:
    """An uploaded file as comma-separated text.

    Raises:
        UnreadableSpreadsheet: it is none of the kinds that are read, too big, or broken.
    """
    return "".join(csv_lines(filename, data))


def csv_lines(filename: str, data: bytes) -> Iterator[str]:
    """The lines of an uploaded file as comma-separated text, one after the other.

    Args:
        filename: its name; csv, tsv, xlsx, xlsm, xls and ods are read, in capitals too.
        data: its content.

    Raises:
        UnreadableSpreadsheet: it is none of the kinds that are read, too big, or broken.
    """
    read = _READERS.get(PurePath(filename).suffix.lower())
    if read is None:
        raise UnreadableSpreadsheet("not-a-spreadsheet")
    if len(data) >= MAX_BYTES:
        raise UnreadableSpreadsheet("too-big")
    try:
        yield from read(data)
    except UnreadableSpreadsheet:
        raise
    except (BadZipFile, CalamineError, InvalidFileException, UnicodeDecodeError) as error:
        raise UnreadableSpreadsheet("unreadable") from error
    except Exception as error:  # what the libraries raise on broken files is no fixed set
        raise UnreadableSpreadsheet("save-as-csv") from error


def _comma_separated(data: bytes) -> Iterator[str]:
    """The text with the same line end everywhere, quoted ones included."""
    before = None
    for line in _split_lines(data.decode()):
        if before is not None:
            yield before + "\r\n"
        before = line
    yield before or ""


def _split_lines(text: str) -> Iterator[str]:
    """What ``str.splitlines`` gives, one after the other."""
    start = 0
    for end in _LINE_END.finditer(text):
        yield text[start : end.start()]
        start = end.end()
    if start < len(text):
        yield text[start:]


def _tab_separated(data: bytes) -> Iterator[str]:
    lines = TextIOWrapper(BytesIO(data), encoding="utf-8", newline="")
    return _written(csv.reader(lines, delimiter="\t"))


def _excel(data: bytes) -> Iterator[str]:
    return _written(workbooks.excel_rows(data))


def _old_excel(data: bytes) -> Iterator[str]:
    if not data.startswith(_OLD_EXCEL):
        raise UnreadableSpreadsheet("unreadable")
    return _written(workbooks.old_excel_rows(data))


def _open_document(data: bytes) -> Iterator[str]:
    return _written(workbooks.open_document_rows(data))


class _Line:
    """What the csv module writes to; it gives the line back."""

    def write(self, line: str) -> str:
        return line


def _written(rows: Iterable[list[str]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    return (writer.writerow(row) for row in rows)


_READERS = {
    ".csv": _comma_separated,
    ".tsv": _tab_separated,
    ".xlsx": _excel,
    ".xlsm": _excel,
    ".xls": _old_excel,
    ".ods": _open_document,
}
