"""Fenced code in Markdown: lines between two rows of backticks or tildes."""

import re
from bisect import bisect_left
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

_OPENING = re.compile(r" *+(?P<row>`{3,}+|~{3,}+)(?P<apart> ++(?=[^`\s]))? *+(?:[^`\s]++ *+)?\n")
_CLOSING = re.compile(r"(`{3,}|~{3,}) *+(?:\n+|\Z)")


class Fenced(NamedTuple):
    """Code without its fences, and where the closing fence ends."""

    code: str
    end: int


class _Row(NamedTuple):
    last: int
    """Where the row of marks ends."""
    end: int
    """Where the next line that is not blank starts."""
    length: int


class Fences:
    """The fenced code of a text. Rows that may close it are sought once, and only if one may open it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def at(self, start: int) -> Fenced | None:
        """The fenced code that starts here, if there is any and it is closed."""
        opening = _OPENING.match(self._text, start)
        if not opening:
            return None
        for length in _lengths(opening):
            # At least one character is code, even if it is a mark of the closing row.
            row = self._row(opening["row"][0], opening.end() + 1 + length, length)
            if row:
                code = self._text[opening.end() : row.last - length]
                return Fenced(code.rstrip() or code[0], row.end)
        return None

    def _row(self, mark: str, earliest: int, length: int) -> _Row | None:
        rows, longest = self._closing[mark]
        first = bisect_left(rows, earliest, key=lambda row: row.last)
        if first == len(rows) or longest[first] < length:
            return None
        return next(rows[number] for number in range(first, len(rows)) if rows[number].length >= length)

    @cached_property
    def _closing(self) -> dict[str, tuple[list[_Row], list[int]]]:
        """For each mark the rows that end a line, and the longest row from each of them on."""
        found: dict[str, list[_Row]] = {"`": [], "~": []}
        for row in _CLOSING.finditer(self._text):
            found[row[1][0]].append(_Row(row.end(1), row.end(), len(row[1])))
        return {mark: (rows, _longest_ahead(rows)) for mark, rows in found.items()}


def _lengths(opening: re.Match[str]) -> range:
    """How long a closing row may be at least, tried in this order.

    With tildes a part of the row may count as the name of the language, which comes directly after it.
    """
    length = len(opening["row"])
    shortest = 3 if opening["row"][0] == "~" and not opening["apart"] else length
    return range(length, shortest - 1, -1)


def _longest_ahead(rows: list[_Row]) -> list[int]:
    lengths = accumulate((row.length for row in reversed(rows)), max)
    return list(lengths)[::-1]
