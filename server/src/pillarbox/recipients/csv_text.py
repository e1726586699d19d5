"""Comma-separated text, read row by row without holding it all."""

import csv
from collections.abc import Callable, Iterable, Iterator
from io import StringIO

from pillarbox.content.characters import ALL_WHITESPACE
from pillarbox.recipients.errors import InvalidRecipient

_ENDING = ALL_WHITESPACE + ","


class UnreadableCsv(InvalidRecipient):
    """Text that the rules of CSV do not cover, such as line ends of a single carriage return."""

    def __init__(self) -> None:
        super().__init__("unreadable-csv", "Notify cannot read this file - try saving it as a CSV instead")


class CsvText:
    """Comma-separated text that can be read again and again.

    Args:
        lines: gives the lines, each with its line end, anew on every call.

    Contract: content rules, section 8.
    """

    def __init__(self, lines: Callable[[], Iterable[str]]) -> None:
        self.lines = lines

    @classmethod
    def of(cls, text: str) -> "CsvText":
        """Read text that is in memory."""
        return cls(lambda: _lines_of(text))

    def __iter__(self) -> Iterator[list[str]]:
        """The rows, header first.

        White space around the text is not part of it, nor are commas at its end. Blank lines are rows.

        Raises:
            UnreadableCsv: a row cannot be told from the next.
        """
        try:
            yield from csv.reader(_trimmed(self.lines()), skipinitialspace=True)
        except csv.Error as error:
            raise UnreadableCsv from error


def _lines_of(text: str) -> Iterator[str]:
    start = 0
    while end := text.find("\n", start) + 1:
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _trimmed(lines: Iterable[str]) -> Iterator[str]:
    """The lines without white space before the first, and without white space and commas after the last."""
    # What may be the end is held back until something follows it.
    last = ""
    blank = StringIO()
    for line in lines:
        text = line if last else line.lstrip(ALL_WHITESPACE)
        if not text.rstrip(_ENDING):
            blank.write(text)
            continue
        if last:
            yield last
        if blank.tell():
            yield from _lines_of(blank.getvalue())
            blank = StringIO()
        last = text
    if last:
        yield last.rstrip(_ENDING)
