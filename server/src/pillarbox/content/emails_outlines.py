"""What an email looks like before its values are put in, so that most emails need no more than that.

An outline is an email rendered with stand-ins in the place of its values. To put values in afterwards comes to the
same where neither a value nor its place can change what the text around it means: the value consists of words,
perhaps with stops, commas and apostrophes, and it stands within a sentence or at the end of a web address. Anything
else has no outline.
"""

import re
from secrets import token_hex
from typing import NamedTuple

from pillarbox.content.placeholders import PlaceholderText, as_text

LONGEST_VALUE = 100

_LETTER = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
# Curly wherever apostrophes are. One that has "s" after it may decide what becomes of another directly behind that.
_APOSTROPHE = rf"(?<=[{_LETTER}])(?<!'s)'(?=[{_LETTER}])(?!s\Z)"
_WITHIN_WORDS = rf"[ ’:/_-]|[.,] |(?<=[0-9])[.,](?=[0-9])|{_APOSTROPHE}"
_WORDS = re.compile(rf"£?[0-9{_LETTER}]+(?:(?:{_WITHIN_WORDS})[0-9{_LETTER}]+)*\.?")
_WORD = re.compile("[0-9A-Za-z]+(?:[_-][0-9A-Za-z]+)*")

# Looks like a word, and nobody can write it in a template, not even in parts that come together when it is rendered.
_MARK = f"Zq{token_hex(8)}x"
# A stand-in within a sentence has spaces and an apostrophe, as its value may: where spaces are encoded, the outline
# is given up, and where apostrophes stay straight, no value may have one.
_STAND_IN, _IN_SENTENCE = _MARK + "{}qZ", _MARK + r" \1'x qZ"
_ANY_STAND_IN = re.compile(_MARK + "(?: ([0-9]+)(['’])x |([0-9]+))qZ")
_WITHIN_SENTENCE = re.compile(rf"(?:(?<=\w )|(?<=\w[,:;] )){_MARK}([0-9]+)qZ(?=(?:'s)?[,.;:!?)]*(?:\s|\Z))")
_WITHIN_ADDRESS = re.compile(rf"(?<=\w[/=]){_MARK}([0-9]+)qZ(?=&|\)?[,.!?]*(?:\s|\Z))")
# Code, tables, definitions of links, escapes and tabs reach far: what they mean may depend on a value elsewhere.
_FAR_REACHING = re.compile(r"[<|\\\t]|\]:|`{3}|~{3}")


class Outline(NamedTuple):
    """An email with places for values."""

    pieces: tuple[str, ...]
    """The text between the places: one piece more than there are places."""
    places: tuple[int, ...]
    """For each place the number of the value that stands there."""
    single_words: frozenset[int]
    """The numbers of values that must not hold spaces, since they are part of a web address."""
    straight: frozenset[int]
    """The numbers of values that must not hold apostrophes, since they are part of a link."""

    @classmethod
    def of(cls, rendered: str, prepared: str) -> "Outline | None":
        """The outline of what was rendered from a text with stand-ins; None if it did not keep them as they are."""
        stand_ins = list(_ANY_STAND_IN.finditer(rendered))
        if len(stand_ins) != rendered.count(_MARK):
            return None
        places = [int(found[1] or found[3]) for found in stand_ins]
        straight = [place for place, found in zip(places, stand_ins, strict=True) if found[2] == "'"]
        single_words = map(int, _WITHIN_ADDRESS.findall(prepared))
        pieces = _ANY_STAND_IN.sub(_MARK, rendered).split(_MARK)
        return cls(tuple(pieces), tuple(places), frozenset(single_words), frozenset(straight))

    def filled(self, values: list[str]) -> str | None:
        """The email with values that are words; None if one of them is more than its place allows."""
        for number in self.single_words:
            if not _WORD.fullmatch(values[number]):
                return None
        for number in self.straight:
            if "'" in values[number]:
                return None
        pieces = [""] * (2 * len(self.places) + 1)
        pieces[::2] = self.pieces
        pieces[1::2] = [values[number].replace("'", "’") for number in self.places]
        return "".join(pieces)


def as_words(value: object) -> str | None:
    """A value as it is written, if it consists of words or numbers, as sentences have them, and is not long."""
    if not isinstance(value, str | int):
        return None
    text = as_text(value)
    return text if len(text) <= LONGEST_VALUE and _WORDS.fullmatch(text) else None


def with_stand_ins(text: PlaceholderText, numbers: dict[str, int], shown: dict[str, bool]) -> str | None:
    """A text to make an outline of; None if it can have none.

    Args:
        text: a template's text.
        numbers: the number of the value for each placeholder that shows one.
        shown: whether each conditional placeholder shows its text.
    """
    pieces = [text.literals[0]]
    for placeholder, literal in zip(text.placeholders, text.literals[1:], strict=True):
        if placeholder.text is None:
            pieces.append(_STAND_IN.format(numbers[placeholder.key]))
        elif shown[placeholder.key]:
            pieces.append(placeholder.text)
        pieces.append(literal)
    filled = "".join(pieces)
    if _FAR_REACHING.search(filled):
        return None
    prepared, within_sentence = _WITHIN_SENTENCE.subn(_IN_SENTENCE, filled)
    within_address = len(_WITHIN_ADDRESS.findall(prepared))
    return prepared if within_sentence + within_address == filled.count(_MARK) else None
