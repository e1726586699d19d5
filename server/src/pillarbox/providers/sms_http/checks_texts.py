"""Mistakes in single texts of a description: templates, paths, names of headers, statuses."""

import re
from collections.abc import Iterator, Sequence

from pillarbox.providers.sms_http import description as described
from pillarbox.providers.sms_http.finding import PathError, path
from pillarbox.providers.sms_http.templates import Template, TemplateError

_STATUS = re.compile(r"[1-5]([0-9]{2}|xx)")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def in_template(text: str, place: str, names: frozenset[str], used: set[str]) -> Iterator[str]:
    """Yield what is wrong with a text with gaps; `used` learns the names in it."""
    try:
        names_in = Template.parse(text).names
    except TemplateError as error:
        yield f"{place}: {error}"
        return
    used.update(names_in)
    yield from (
        f"{place}: {{{name}}} may not stand here; there are {', '.join(sorted(names))}"
        for name in names_in
        if name not in names
    )


def in_header(name: str, place: str) -> Iterator[str]:
    """Yield what is wrong with the name of a header."""
    if not _HEADER.fullmatch(name):
        yield f"{place} is no name of a header"


def in_path(written: str, place: str) -> Iterator[str]:
    """Yield what is wrong with a path into JSON."""
    try:
        path(written)
    except PathError as error:
        yield f"{place}: {error}"


def in_find(find: described.Find | None, place: str) -> Iterator[str]:
    """Yield what is wrong with how something is found."""
    if find is None:
        return
    if sum(one is not None for one in (find.json, find.header, find.regex)) != 1:
        yield f"{place} must have one of json, header and regex"
    if find.json is not None:
        yield from in_path(find.json, f"{place}.json")
    if find.header is not None:
        yield from in_header(find.header, f"{place}.header")
    if find.regex is not None:
        try:
            re.compile(find.regex)
        except (re.error, RecursionError, OverflowError) as error:
            yield f"{place}.regex: {error}"


def in_statuses(statuses: Sequence[described.Status], place: str) -> Iterator[str]:
    """Yield what is wrong with statuses."""
    for one in statuses:
        if not _STATUS.fullmatch(str(one)):
            yield f"{place}: {one} is no status; write 404, or 4xx for all of them"
