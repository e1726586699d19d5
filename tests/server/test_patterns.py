"""Patterns mean the same on every Python that the server runs on.

Before 3.11.5 a group that is repeated possessively, `(?:…)*+`, may match what it must not (python/cpython#106052).
Debian 12 has 3.11.2. An atomic group around the repetition, `(?>(?:…)*)`, says the same and is right everywhere.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined] # there is no public way to look into a pattern
from typing import Any

import pytest

import pillarbox

ONE_CHARACTER = {
    _constants.ANY,
    _constants.CATEGORY,
    _constants.IN,
    _constants.LITERAL,
    _constants.NOT_LITERAL,
}


def patterns() -> dict[str, re.Pattern[Any]]:
    """Every pattern that a module of ours has, by the module's name and its own."""
    found = {}
    for module in pkgutil.walk_packages(pillarbox.__path__, "pillarbox."):
        if not module.name.startswith(("pillarbox.console", "pillarbox.__main__")):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    found[f"{module.name}.{name}"] = value
    return found


def repeated_possessively(node: Any) -> Iterator[Any]:
    """What is repeated possessively, anywhere in a parsed pattern."""
    if isinstance(node, tuple) and node and node[0] is _constants.POSSESSIVE_REPEAT:
        yield node[1][2]
    if isinstance(node, (tuple, list, _parser.SubPattern)):
        for part in node:
            yield from repeated_possessively(part)


def has_a_group(pattern: str) -> bool:
    """Whether more than one character is repeated possessively."""
    repeated = list(repeated_possessively(_parser.parse(pattern)))
    return any(len(one) != 1 or one[0][0] not in ONE_CHARACTER for one in repeated)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [(r"a(?:\nb)*+", True), (r"x|(?=(?:ab|c){2,}+)", True), (r"[ab]*+\d++(?>(?:ab)*)", False)],
)
def test_a_group_is_told_from_a_character(pattern, found):
    assert has_a_group(pattern) == found


def test_no_group_is_repeated_possessively():
    ours = patterns()
    assert len(ours) > 100
    assert [name for name, pattern in ours.items() if has_a_group(pattern.pattern)] == []
