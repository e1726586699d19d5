"""Definitions that links refer to: ``[key]: https://example.com "title"``, on a line of their own."""

import re

from pillarbox.content.markdown_places import remembering
from pillarbox.content.markdown_syntax import Reference

LONGEST_KEY = 999

_LINE_START = re.compile(r" *+\[")
_KEY_END = re.compile(r"[\]^]")
_BRACKET = re.compile(r"\]")
_TARGET = re.compile(r"\]: *<?([^\s>]+)>?(?: +[\"(]([^\n]+)[\")])? *(?:\n+|\Z)")
_SPACES = re.compile(r"\s+")


def folded_key(key: str) -> str:
    """The form in which keys are compared."""
    return _SPACES.sub(" ", key.lower())


class Definitions:
    """Where in a text definitions stand. Looking twice at a bracket far away costs no second walk to it.

    Args:
        text: the text that is asked about.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._targets: dict[int, re.Match[str] | None] = {}
        self._key_end = remembering(_KEY_END, text)
        self._bracket = remembering(_BRACKET, text)

    def at(self, start: int) -> tuple[str, Reference, int] | None:
        """Key, target and end of the definition on the line that starts here, if there is one."""
        opening = _LINE_START.match(self._text, start)
        if not opening:
            return None
        end = self._key_end(opening.end())
        if end <= opening.end() or self._text[end] != "]":
            return None
        target = self._target(end)
        if not target:
            return None
        reference = Reference(target[1], target[2])
        # A key too long to be looked up needs no folding either.
        key = self._text[opening.end() : min(end, opening.end() + LONGEST_KEY + 1)]
        return folded_key(key), reference, target.end()

    def begins_at(self, start: int) -> bool:
        """Whether the line that starts here interrupts what is above it, as a definition or a footnote does."""
        return self.at(start) is not None or self._footnote_at(start)

    def _footnote_at(self, start: int) -> bool:
        if not self._text.startswith("[^", start):
            return False
        end = self._bracket(start + 2)
        return end > start + 2 and self._text.startswith(":", end + 1)

    def _target(self, end: int) -> re.Match[str] | None:
        if end not in self._targets:
            self._targets[end] = _TARGET.match(self._text, end)
        return self._targets[end]
