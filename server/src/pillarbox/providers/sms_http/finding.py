"""Finding things in what a gateway says: in JSON by a path, in a header, in a text by a regular expression."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from pillarbox.providers.sms_http.description import Find

_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,4})\]|\.")
_PATH = re.compile(r"(?:[^.\[\]]+|\[\d{1,4}\])(?:\.[^.\[\]]+|\[\d{1,4}\])*")
# A regular expression may take long for a long text; what a gateway has to say stands at the beginning.
_LOOKED_AT = 1000

Path = tuple[str | int, ...]


class PathError(ValueError):
    """A path is not of the form `messages[0].status`."""


def path(written: str) -> Path:
    """Read a path: names with dots between them, places in lists in brackets.

    Raises:
        PathError: if it is not written like that.
    """
    if not _PATH.fullmatch(written):
        raise PathError(f"{written!r} is no path: write messages[0].status")
    return tuple(name or int(place) for name, place in _STEP.findall(written) if name or place)


def at(value: Any, steps: Path) -> Any:
    """Return what is at a path, or None."""
    for step in steps:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value


def as_text(value: Any) -> str | None:
    """Return a simple value as people write it; None for nothing, an empty text, and what is not simple."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value) or None
    return None


_UNREAD: Any = object()


class Said:
    """An answer of a gateway; it is only read as far as somebody asks."""

    __slots__ = ("_body", "_json", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self._body = body
        self._json: Any = _UNREAD

    @property
    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        if self._json is _UNREAD:
            self._json = _json(self._body)
        return self._json

    @property
    def beginning(self) -> str:
        """The body as a text, as far as regular expressions are tried on it."""
        return self._body[:_LOOKED_AT].decode(errors="replace")


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None


Finder = Callable[[Said], str | None]


def finder(find: Find | None) -> Finder:
    """Return what finds something in answers."""
    if find is None:
        return _nothing
    if find.json is not None:
        steps = path(find.json)
        return lambda said: as_text(at(said.json, steps))
    if find.header is not None:
        name = find.header
        return lambda said: said.headers.get(name) or None
    pattern = re.compile(find.regex or "")
    return lambda said: _matched(pattern.search(said.beginning))


def _nothing(_said: Said) -> None:
    return None


def _matched(match: re.Match[str] | None) -> str | None:
    """The first group, or all of it if there are none."""
    if match is None:
        return None
    return (match[1] if match.re.groups else match[0]) or None


def statuses(written: Sequence[int | str]) -> frozenset[int]:
    """Return the HTTP statuses meant by `404` or `4xx`."""
    found: set[int] = set()
    for one in written:
        hundred = str(one)
        if hundred.endswith("xx"):
            found.update(range(int(hundred[0]) * 100, int(hundred[0]) * 100 + 100))
        else:
            found.add(int(hundred))
    return frozenset(found)
