"""What stands within a paragraph: links, bare web addresses, escapes and line breaks.

Emphasis, code and HTML have no meaning in the dialect and stay as they are written.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

from pillarbox.content.markdown_definitions import LONGEST_KEY, folded_key
from pillarbox.content.markdown_labels import NOWHERE, Labels
from pillarbox.content.markdown_places import remembering
from pillarbox.content.markdown_syntax import Reference

# How deep links are sought within the texts of links; deeper ones stay as they are written.
_DEEPEST = 6

# One set of characters to begin with, so that the search leaps from one to the next; "h" only if it has to.
_MARK = r"(?<=[\n\[<])|(?<=!)\[|(?<=\\)[\\`*{}\[\]()#+\-.!_>~|]"
_SPECIAL = re.compile(rf"[\n\\!\[<](?:{_MARK})")
_SPECIAL_OR_ADDRESS = re.compile(rf"[\n\\h!\[<](?:{_MARK}|(?<=h)ttps?://)")
_ADDRESS = re.compile(r"[^\s<]+")
_NOT_LAST_IN_ADDRESS = ".,:\"')]"
_TARGET_START = re.compile(r"\(\s*+(<)?")
# Starts with the character that ends the target and looks back from there, so that the search leaps to it.
_TARGET_END = re.compile(r"[\s)](?<!\s[\s)])(?:(?<=\))|\s*+(?:\)|(?P<title>['\"])))")
_ANGLE_TARGET_END = re.compile(r">(?:\s*+\)|\s++(?P<title>['\"]))")
_TITLE_END = re.compile(r"['\"]\s*+\)")
_AUTOLINK_END = re.compile(r"[ >]")
_KEY = re.compile(r"\]\s*+\[([^\^\]]*+)\]")


class Phrasing(ABC):
    """How what stands within a paragraph is shown."""

    line_break: str
    angle_brackets: bool
    """Whether ``<`` is a character of the text; it is not where the text is HTML already."""

    @abstractmethod
    def link(self, text: str, target: str, title: str | None) -> str:
        """A link whose text and target are written apart."""

    @abstractmethod
    def address(self, address: str) -> str:
        """A web address that stands in the text as it is."""


class Target(NamedTuple):
    """Where a link leads, and the place behind it."""

    target: str
    title: str | None
    end: int


class Inline:
    """Shows the text of paragraphs and headings.

    Args:
        phrasing: how links and line breaks look.
        references: the targets that links may refer to by key.
    """

    def __init__(self, phrasing: Phrasing, references: Mapping[str, Reference]) -> None:
        self.phrasing = phrasing
        self.references = references
        self.depth = 0
        self.in_link = False

    def show(self, text: str) -> str:
        """The text with its links and line breaks as the phrasing has them."""
        text = text.rstrip("\n")
        special = _SPECIAL_OR_ADDRESS if "://" in text else _SPECIAL
        return _Scan(self, text, special).show() if special.search(text) else text

    def link(self, text: str, reference: Reference) -> str:
        """A link; its text is shown without bare addresses becoming links of their own."""
        if self.depth < _DEEPEST:
            self.depth += 1
            self.in_link = True
            text = self.show(text)
            self.in_link = False
            self.depth -= 1
        return self.phrasing.link(text, reference.target, reference.title)


class _Scan:
    """One walk through one text."""

    def __init__(self, inline: Inline, text: str, special: re.Pattern[str]) -> None:
        self.inline = inline
        self.text = text
        self.special = special
        self.has_targets = "](" in text
        self.titles_end = self.angles_end = True

    def show(self) -> str:
        text = self.text
        pieces: list[str] = []
        shown = position = 0
        last_break = len(text.rstrip())
        while special := self.special.search(text, position):
            found = self.found(special) if special.start() < last_break else None
            if not found:
                position = special.end()
                continue
            output, position = found
            before = text[shown : special.start()]
            pieces += (before.rstrip(" ") if special[0] == "\n" else before, output)
            shown = position
        pieces.append(text[shown:])
        return "".join(pieces)

    def found(self, special: re.Match[str]) -> tuple[str, int] | None:
        mark = special[0]
        if mark == "\n":
            return self.inline.phrasing.line_break, special.end()
        if mark[0] == "\\":
            return mark[1], special.end()
        if mark[0] == "h":
            return self.address(special)
        if mark == "<":
            return self.autolink(special.end())
        return self.bracketed(special.end(), is_image=mark[0] == "!")

    def address(self, scheme: re.Match[str]) -> tuple[str, int] | None:
        rest = _ADDRESS.match(self.text, scheme.end())
        name = rest[0].rstrip(_NOT_LAST_IN_ADDRESS) if rest else ""
        if len(name) < 2:
            return None
        address = scheme[0] + name
        output = address if self.inline.in_link else self.inline.phrasing.address(address)
        return output, scheme.end() + len(name)

    def autolink(self, start: int) -> tuple[str, int] | None:
        """What stands in angle brackets and has a colon or an @ within."""
        end = self.autolink_end(start) if self.inline.phrasing.angle_brackets else NOWHERE
        if end == NOWHERE or self.text[end] != ">" or self.sign_before(start, end) <= start:
            return None
        return self.text[start:end], end + 1

    @cached_property
    def autolink_end(self) -> Callable[[int], int]:
        return remembering(_AUTOLINK_END, self.text)

    def sign_before(self, start: int, end: int) -> int:
        """The last colon or @ that has a character behind it; found once for all that end in one place."""
        if end not in self.signs:
            self.signs[end] = max(self.text.rfind(sign, start, end - 1) for sign in ":@")
        return self.signs[end]

    @cached_property
    def signs(self) -> dict[int, int]:
        return {}

    @cached_property
    def labels(self) -> Labels:
        return Labels(self.text)

    def bracketed(self, start: int, *, is_image: bool) -> tuple[str, int] | None:
        close = self.labels.before_target(start) if self.has_targets else NOWHERE
        if close != NOWHERE:
            target = self.target(close + 1)
            return self.link(
                start, close, target.end, Reference(target.target, target.title), is_image=is_image
            )
        return self.referring(start, is_image=is_image) if self.inline.references else None

    def referring(self, start: int, *, is_image: bool) -> tuple[str, int] | None:
        close = self.labels.before_key(start)
        key = _KEY.match(self.text, close) if close != NOWHERE else None
        if key:
            reference = self.lookup(key[1] or self.text[start : min(close, start + LONGEST_KEY + 1)])
            if reference:
                return self.link(start, close, key.end(), reference, is_image=is_image)
        close = self.labels.as_key(start)
        if close == NOWHERE:
            return None
        reference = self.lookup(self.text[start : min(close, start + LONGEST_KEY + 1)])
        return self.link(start, close, close + 1, reference, is_image=is_image) if reference else None

    def lookup(self, key: str) -> Reference | None:
        return self.inline.references.get(folded_key(key)) if len(key) <= LONGEST_KEY else None

    def link(
        self, start: int, close: int, end: int, reference: Reference, *, is_image: bool
    ) -> tuple[str, int]:
        if is_image:
            return "", end
        return self.inline.link(self.text[start:close], reference), end

    def target(self, start: int) -> Target:
        """The target in round brackets that starts here; that they are closed is known."""
        text = self.text
        opening = _TARGET_START.match(text, start)
        if opening and opening[1] and self.inline.phrasing.angle_brackets and self.angles_end:
            target = self.angle_target(opening.end())
            if target:
                return target
        begin = (opening.start(1) if opening[1] else opening.end()) if opening else start + 1
        if text[begin] == ")":
            return Target("", None, begin + 1)
        end = _TARGET_END.search(text, begin)
        if end and not end["title"]:
            return Target(text[begin : end.start()], None, end.end())
        title_end = self.title_end(end.end()) if end else None
        if end and title_end:
            return Target(text[begin : end.start()], text[end.end() : title_end.start()], title_end.end())
        close = text.find(")", begin)
        return Target(text[begin:close].rstrip(), None, close + 1)

    def angle_target(self, begin: int) -> Target | None:
        position = begin
        while end := _ANGLE_TARGET_END.search(self.text, position):
            if not end["title"]:
                return Target(self.text[begin : end.start()], None, end.end())
            title_end = self.title_end(end.end())
            if title_end:
                title = self.text[end.end() : title_end.start()]
                return Target(self.text[begin : end.start()], title, title_end.end())
            position = end.end()
        self.angles_end = False
        return None

    def title_end(self, start: int) -> re.Match[str] | None:
        end = _TITLE_END.search(self.text, start) if self.titles_end else None
        self.titles_end = end is not None
        return end
