"""What a sheet of an Excel workbook hides and merges, read without the cells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.etree.ElementTree import Element, iterparse, parse
from zipfile import ZipFile

from openpyxl.utils.cell import column_index_from_string, range_boundaries

_SAYS_SOMETHING = re.compile(rb"hidden|mergeCell")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})')
_CHUNK = 1 << 20
_LONGEST_WORD = len(b"mergeCell")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class SheetLayout:
    """Rows and columns count from 1.

    Attributes:
        last_column: the last column that has a cell, as far as cells say where they are.
        hidden_rows: the numbers of the rows that nobody sees.
        hidden_columns: first and last number of runs of columns that nobody sees.
        merged: first column, first row, last column and last row of cells that look like one.
    """

    last_column: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    @classmethod
    def read(cls, archive: ZipFile, title: str) -> "SheetLayout":
        """The layout of the sheet with a title."""
        layout = cls()
        part = _part_of(archive, title)
        with archive.open(part) as sheet:
            if not layout._scan(sheet):
                return layout
        with archive.open(part) as sheet:
            for element in _elements(sheet):
                layout._note(element)
        return layout

    def _scan(self, sheet: IO[bytes]) -> bool:
        """Whether it is worth taking the sheet apart, which takes much longer than looking for a word."""
        tail, worth_it, columns = b"", False, set[bytes]()
        while chunk := sheet.read(_CHUNK):
            chunk = tail + chunk
            worth_it = worth_it or _SAYS_SOMETHING.search(chunk) is not None
            columns.update(_CELL.findall(chunk))
            tail = chunk[-_LONGEST_WORD:]
        self.last_column = max((column_index_from_string(name.decode()) for name in columns), default=0)
        return worth_it

    def hides_column(self, column: int) -> bool:
        """Whether nobody sees a column."""
        return any(first <= column <= last for first, last in self.hidden_columns)

    def _note(self, element: Element) -> None:
        kind = element.tag.rpartition("}")[2]
        if kind == "mergeCell":
            self.merged.append(_boundaries(element.attrib["ref"]))
        elif element.get("hidden") not in {"1", "true"}:
            return
        elif kind == "row":
            self.hidden_rows.add(int(element.attrib["r"]))
        elif kind == "col":
            self.hidden_columns.append((int(element.attrib["min"]), int(element.attrib["max"])))


def _boundaries(reference: str) -> tuple[int, int, int, int]:
    first_column, first_row, last_column, last_row = range_boundaries(reference)
    return int(first_column or 0), int(first_row or 0), int(last_column or 0), int(last_row or 0)


def _elements(sheet: IO[bytes]) -> Iterator[Element]:
    for _event, element in iterparse(sheet, events=("end",)):  # noqa: S314 - expat itself limits entities
        if element.tag.endswith(("}row", "}col", "}mergeCell")):
            yield element
            element.clear()


def _part_of(archive: ZipFile, title: str) -> str:
    """The name of the part of the archive that holds a sheet."""
    workbook = _parsed(archive, "xl/workbook.xml")
    relation = next(
        sheet.get(_RELATION)
        for sheet in workbook.iter()
        if sheet.get("name") == title and sheet.get(_RELATION)
    )
    relations = _parsed(archive, "xl/_rels/workbook.xml.rels")
    target = next(found.attrib["Target"] for found in relations.iter() if found.get("Id") == relation)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _parsed(archive: ZipFile, part: str) -> Any:
    with archive.open(part) as source:
        return parse(source).getroot()  # noqa: S314 - as above
