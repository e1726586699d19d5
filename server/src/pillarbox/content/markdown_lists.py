"""Lists in Markdown: where one ends, and what its items are."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pillarbox.content.markdown_definitions import Definitions

_MARKER = r"(?:[•*-]|\d++\.)"
_START = re.compile(rf"( *+)({_MARKER})")
_MARKER_AND_SPACE = re.compile(rf"{_MARKER} ")
_AT_MARKER = re.compile(_MARKER)
# Only before a blank line, a rule or a definition may a list end.
_NEWLINES = re.compile(r"\n(?:\n+|(?= *(?:\[|(?:[-*_] *+){3})))")
_RULE_AHEAD = re.compile(r"(?>(?:[-*_] *+){3,})(?:\n|\Z)")


class Extent(NamedTuple):
    """Where a list stands in its text, and what kind of markers it has."""

    end: int
    indent: str
    ordered: bool


class RawItem(NamedTuple):
    """The text of an item without marker and indentation."""

    text: str
    loose: bool


def list_at(text: str, start: int, definitions: Definitions) -> Extent | None:
    """The list that starts here, if there is one.

    It ends before a rule, before a definition, and at blank lines that no further item follows: one blank line
    if the next line is neither indented nor starts with a marker and a space, or any two.
    """
    opening = _START.match(text, start)
    if not opening or opening.end() == len(text):
        return None
    indent, marker = opening.groups()
    # The character after the marker belongs to the list, whatever it is.
    end = _end(text, opening.end() + 1, indent, definitions)
    return Extent(end, indent, ordered=marker.endswith("."))


def list_items(text: str, indent: str) -> Iterator[RawItem]:
    """The items of a list, one for each line that starts with the list's own indentation and a marker.

    An item is loose if it holds a blank line, or if a blank line stands between it and a neighbour.
    """
    sources = _split(text, indent)
    after_blank = False
    for number, source in enumerate(sources):
        item = _outdented(source, indent)
        loose = after_blank or "\n\n" in item.rstrip()
        if item and number < len(sources) - 1:
            after_blank = item.endswith("\n")
            loose = loose or after_blank
        yield RawItem(item, loose)


def _end(text: str, earliest: int, indent: str, definitions: Definitions) -> int:
    tail = max(earliest, len(text.rstrip()))
    for newlines in _NEWLINES.finditer(text, earliest):
        if newlines.start() > tail:
            break
        if _stops(text, newlines, indent, definitions):
            return newlines.end()
    return len(text)


def _stops(text: str, newlines: re.Match[str], indent: str, definitions: Definitions) -> bool:
    count, after = newlines.end() - newlines.start(), newlines.end()
    if count > 2 or (count == 2 and not _goes_on(text, after, indent)):
        return True
    if _RULE_AHEAD.match(text, after):
        return True
    if indent and text.startswith(indent, after) and _RULE_AHEAD.match(text, after + len(indent)):
        return True
    return definitions.begins_at(after)


def _goes_on(text: str, after: int, indent: str) -> bool:
    if text.startswith(" ", after):
        return True
    return text.startswith(indent, after) and bool(_MARKER_AND_SPACE.match(text, after + len(indent)))


def _split(text: str, indent: str) -> list[str]:
    sources: list[str] = []
    lines: list[str] = []
    for line in text.split("\n"):
        starts = line.startswith(indent) and _AT_MARKER.match(line, len(indent))
        if starts and lines:
            sources.append("\n".join(lines))
            lines = []
        lines.append(line)
    sources.append("\n".join(lines))
    return sources


def _outdented(source: str, indent: str) -> str:
    opening = _AT_MARKER.match(source, len(indent))
    width = opening.end() if opening else len(indent)
    item = source[width:]
    if "\n " in item:
        return re.sub(rf"^ {{1,{width}}}", "", item, flags=re.MULTILINE)
    return item
