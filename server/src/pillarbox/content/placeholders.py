"""Placeholders: ``((name))`` and ``((name??text))`` in templates, and the values that fill them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from pillarbox.content.characters import strip_obscure
from pillarbox.content.escaping import escape_html

_PLACEHOLDER = re.compile(r"\(\(([^()]++)\)\)")
_TRUTHS = frozenset({"yes", "y", "true", "t", "1", "include", "show"})
_LONGEST_TRUTH = max(map(len, _TRUTHS))

# Ten times as much as any message may have, in characters.
_LONGEST = 20_000_000

Lists = Callable[[list[str]], str]


class PersonalisationError(ValueError):
    """Values cannot be written as text: nested too deeply, a number of thousands of digits, or far too long."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder, as it stands in a template."""

    name: str
    key: str
    text: str | None
    """What a conditional placeholder shows; None if it is not conditional."""

    @classmethod
    def parse(cls, inside: str) -> Self:
        """From what stands between the brackets."""
        name, question, text = inside.partition("??")
        return cls(name, fold(name), text if question else None)

    @property
    def source(self) -> str:
        """The placeholder as it was written."""
        return f"(({self.name}))" if self.text is None else f"(({self.name}??{self.text}))"


Unfilled = Callable[[Placeholder], str]


def as_written(placeholder: Placeholder) -> str:
    """Show a placeholder without value the way the template has it."""
    return placeholder.source


def in_words(items: list[str]) -> str:
    """A list in a sentence: ``a, b and c``."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def as_bullets(items: list[str]) -> str:
    """A list in a paragraph of its own, in the Markdown of emails and letters."""
    return "\n\n" + "\n".join(f"* {item}" for item in items)


def fold(name: str) -> str:
    """The form in which names are compared: lower case, without spaces, underscores and hyphens."""
    if name.isalnum():  # most are one word
        return name.lower()
    return name.replace(" ", "").replace("_", "").replace("-", "").lower()


class Personalisation:
    """The values of one message, found by names that are spelt a little differently.

    Args:
        values: a JSON object as a caller sends it, or nothing. Of keys that fold into one, the last wins.

    Contract: content rules, section 4.
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.given: Mapping[str, Any] = values or {}
        self.values: dict[str, Any] = {fold(name): value for name, value in self.given.items()}

    def __bool__(self) -> bool:
        return bool(self.given)

    def get(self, name: str) -> Any:
        """The value for a placeholder's name; None if it is missing or null."""
        return self.values.get(fold(name))

    @cached_property
    def by_escaped_name(self) -> dict[str, Any]:
        """The values by the names that placeholders have once their template is escaped."""
        return {fold(escape_html(name)): value for name, value in self.given.items()}


@dataclass(frozen=True)
class PlaceholderText:
    """A text with placeholders, taken apart once and filled many times."""

    source: str
    literals: tuple[str, ...]
    """The text between the placeholders: one piece more than there are placeholders."""
    placeholders: tuple[Placeholder, ...]

    @classmethod
    def parse(cls, source: str) -> Self:
        """Take a template's text apart; every text is one, since what is no placeholder is plain text."""
        pieces = _PLACEHOLDER.split(source)
        insides = pieces[1::2]
        known = {inside: Placeholder.parse(inside) for inside in set(insides)}
        return cls(source, tuple(pieces[::2]), tuple(map(known.__getitem__, insides)))

    @cached_property
    def pairs(self) -> tuple[tuple[Placeholder, str], ...]:
        """Each placeholder with the text behind it."""
        return tuple(zip(self.placeholders, self.literals[1:], strict=True))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the placeholders in the order and the spelling of their first use."""
        return unique_names([self])

    @cached_property
    def escaped(self) -> Self:
        """The same text escaped for HTML, placeholders included."""
        return self.parse(escape_html(self.source))

    def fill(
        self,
        personalisation: Personalisation,
        *,
        escape: bool = False,
        lists: Lists = in_words,
        unfilled: Unfilled = as_written,
    ) -> str:
        """The text with values in the place of its placeholders.

        Values are not searched for placeholders again.

        Args:
            personalisation: the values.
            escape: whether text and values are escaped for HTML.
            lists: how a value that is a list is written, given its items that are not blank.
            unfilled: how a placeholder without a value is shown.

        Raises:
            PersonalisationError: a value cannot be written as text.

        Contract: content rules, section 4.
        """
        if escape:
            return _join(self.escaped, personalisation.by_escaped_name, lists, unfilled, escape_html)
        return _join(self, personalisation.values, lists, unfilled)


def _join(
    text: PlaceholderText,
    values: Mapping[str, Any],
    lists: Lists,
    unfilled: Unfilled,
    escape: Callable[[str], str] | None = None,
) -> str:
    # Each value is written once, and there is an end to it: a long value may be asked for ten thousand times.
    written: dict[str, str] = {}
    room = _LONGEST
    pieces = [text.literals[0]]
    for placeholder, literal in text.pairs:
        key = placeholder.key
        value = values.get(key)
        if value is None:
            pieces.append(unfilled(placeholder))
        elif placeholder.text is None:
            if key not in written:
                written[key] = _write(value, lists, escape)
            pieces.append(written[key])
            room -= len(written[key])
        elif shows(value):
            pieces.append(placeholder.text)
        pieces.append(literal)
        if room < 0:
            raise PersonalisationError("Your message is too long")
    return "".join(pieces)


def _write(value: Any, lists: Lists, escape: Callable[[str], str] | None) -> str:
    text = value if type(value) is str else as_text(value, lists)
    return escape(text) if escape else text


def shows(value: Any) -> bool:
    """Whether a value lets the text of a conditional placeholder be seen."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_TRUTH and value.lower() in _TRUTHS
    return isinstance(value, int) and as_text(value).lower() in _TRUTHS


def as_text(value: Any, lists: Lists = in_words) -> str:
    """A JSON value as text: numbers, booleans and objects as Python writes them, lists in the given form.

    Raises:
        PersonalisationError: the value cannot be written as text.
    """
    if isinstance(value, str):
        return value
    try:
        if not isinstance(value, list):
            return str(value)
        cleaned = [strip_obscure(str(item)) for item in value if item is not None]
    except (RecursionError, ValueError) as error:
        raise PersonalisationError("Personalisation has a value that cannot be shown as text") from error
    items = [item for item in cleaned if item]
    return lists(items) if items else ""


def unique_names(texts: Iterable[PlaceholderText]) -> tuple[str, ...]:
    """The names in several texts, such as subject and body, in the order and spelling of first use."""
    first: dict[str, str] = {}
    for text in texts:
        for placeholder in text.placeholders:
            first.setdefault(placeholder.key, placeholder.name)
    return tuple(first.values())


def missing_names(names: Iterable[str], personalisation: Personalisation) -> list[str]:
    """The names that have no value, or null, in the order given."""
    return [name for name in names if personalisation.get(name) is None]


def additional_names(names: Iterable[str], personalisation: Personalisation) -> list[str]:
    """The names of values that no placeholder asks for, as they were given, sorted."""
    asked = {fold(name) for name in names}
    return sorted(name for name in personalisation.given if fold(name) not in asked)


def missing_message(missing: Iterable[str]) -> str:
    """What a caller is told about missing values.

    Contract: public API, "Template and content checks on POST".
    """
    return "Missing personalisation: " + ", ".join(missing)
