"""Files that people upload: spreadsheets of several kinds, each read as comma-separated text."""

import csv
import re
from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper
from pathlib import PurePath

from pillarbox.recipients.csv_text import CsvText
from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet, code_for
from pillarbox.recipients.workbooks_apart import READERS, workbook_as_csv

MAX_BYTES = 10 * 1024 * 1024

_LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def read_spreadsheet(filename: str, data: bytes) -> CsvText:
    """The rows of an uploaded file, to be read as often as needed.

    Args:
        filename: its name, whose ending says what it is: csv, tsv, xlsx, xlsm, xls or ods, in capitals too.
        data: its content.

    Raises:
        UnreadableSpreadsheet: it is none of these kinds, too big, or broken; with text that is not UTF-8 the
            error may come when it is read.

    Contract: content rules, section 8.
    """
    kind = PurePath(filename).suffix.lower()
    if kind not in READERS and kind not in _TEXT_READERS:
        raise UnreadableSpreadsheet("not-a-spreadsheet")
    if len(data) >= MAX_BYTES:
        raise UnreadableSpreadsheet("too-big")
    if kind in _TEXT_READERS:
        return CsvText(lambda: _explained(_TEXT_READERS[kind](data)))
    text = workbook_as_csv(kind, data)
    # Only here is a carriage return part of a line, as people typed it.
    return CsvText(lambda: TextIOWrapper(BytesIO(text), encoding="utf-8", newline="\n"))


def as_csv(filename: str, data: bytes) -> str:
    """An uploaded file as comma-separated text.

    Raises:
        UnreadableSpreadsheet: it is none of the kinds that are read, too big, or broken.
    """
    return "".join(read_spreadsheet(filename, data).lines())


def _explained(lines: Iterable[str]) -> Iterator[str]:
    try:
        yield from lines
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableSpreadsheet(code_for(error)) from error


def _comma_separated(data: bytes) -> Iterator[str]:
    """The text with the same line end everywhere, within quotes too."""
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


class _Line:
    """What the csv module writes to; it gives the line back."""

    def write(self, line: str) -> str:
        return line


def _written(rows: Iterable[list[str]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    return (writer.writerow(row) for row in rows)


_TEXT_READERS = {".csv": _comma_separated, ".tsv": _tab_separated}
