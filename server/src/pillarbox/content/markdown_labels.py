"""Square brackets within a paragraph: which of them enclose the text of a link.

A link's text runs as far as it can: to the last ``](`` that can be reached without passing a bracket that has
no partner. What a bracket leads to follows from the brackets after it, so one walk from the end finds all.
"""

import re
from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property

_MARKS = re.compile(r"[\[\]^]")
_KEY_FOLLOWS = re.compile(r"\]\s*+\[[^\^\]]*+\]")

NOWHERE = -1


class Labels:
    """The brackets of one text.

    Each method takes the place behind an opening bracket and gives that of the closing one, or ``NOWHERE``.

    Args:
        text: a paragraph or what else holds links.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._places = [mark.start() for mark in _MARKS.finditer(text)]
        self._last_target_end = text.rfind(")")

    def before_target(self, start: int) -> int:
        """Of a text that a target in round brackets follows."""
        return self._ends_before_targets[bisect_left(self._places, start)]

    def before_key(self, start: int) -> int:
        """Of a text that a key in brackets of its own follows."""
        return self._ends_before_keys[bisect_left(self._places, start)]

    def as_key(self, start: int) -> int:
        """Of a text that is a key itself."""
        return self._ends_of_keys[bisect_left(self._places, start)]

    @cached_property
    def _ends_before_targets(self) -> list[int]:
        return self._ends(self._target_follows, past_close=True)

    @cached_property
    def _ends_before_keys(self) -> list[int]:
        return self._ends(self._key_follows, past_close=True)

    @cached_property
    def _ends_of_keys(self) -> list[int]:
        return self._ends(lambda _place: True, past_close=False)

    def _target_follows(self, place: int) -> bool:
        return self._text.startswith("(", place + 1) and self._last_target_end > place + 1

    def _key_follows(self, place: int) -> bool:
        return _KEY_FOLLOWS.match(self._text, place) is not None

    def _ends(self, fits: Callable[[int], bool], *, past_close: bool) -> list[int]:
        """For every mark the closing bracket that a text reaches from there.

        An opening bracket is passed together with its partner, the next closing one, unless a caret stands
        between them. A closing bracket may be passed if another one comes before any opening one.
        """
        text, places = self._text, self._places
        ends = [NOWHERE] * (len(places) + 1)
        # The partner an opening bracket would have here, and the bracket that comes next.
        partner, following = NOWHERE, ""
        for number in range(len(places) - 1, -1, -1):
            place = places[number]
            mark = text[place]
            if mark == "[":
                ends[number] = ends[partner + 1] if partner != NOWHERE else NOWHERE
            elif mark == "^":
                ends[number] = ends[number + 1]
                partner = NOWHERE
                continue
            else:
                passed = ends[number + 1] if past_close and following == "]" else NOWHERE
                ends[number] = place if passed == NOWHERE and fits(place) else passed
                partner = number
            following = mark
        return ends
