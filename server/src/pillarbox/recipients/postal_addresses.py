"""Postal addresses: put in order, with country, postcode and forces post office found, and checked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from pillarbox.content.characters import normalise_whitespace, tidy_punctuation
from pillarbox.content.placeholders import PersonalisationError
from pillarbox.recipients.countries import Country, find_country, united_kingdom
from pillarbox.recipients.postal_address_errors import InvalidPostalAddress
from pillarbox.recipients.postcodes import format_postcode

MIN_LINES, MAX_LINES = 3, 7

_LINE_KEYS = tuple(f"address_line_{number}" for number in range(1, 7))
_BFPO = re.compile(r"bfpo ?(?:c/o)? ?(\d{1,1000})?", re.IGNORECASE)
_LETTER_OR_DIGIT = re.compile(r"[A-Za-z0-9]")
_FORBIDDEN_STARTS = frozenset('@()=[]"\\/,<>~')


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address, its lines tidied and put in order.

    Attributes:
        body: the lines without country and forces post office, the postcode still among them; one blank
            line if nothing was typed.
        country: the United Kingdom unless the last line says otherwise.
        bfpo_number: the number of the British forces post office, if there is one.
        postcode: the UK postcode with its space; None if there is none or the country is another.
        normalised_lines: the lines as they are printed, forces post office after the postcode, country last.
    """

    body: tuple[str, ...]
    country: Country
    bfpo_number: int | None
    postcode: str | None
    normalised_lines: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address of several lines. Every text is one, though perhaps not a valid one: see ``error``.

        Contract: content rules, section 3, "Normalising".
        """
        lines = _tidied_lines(text)
        bfpo_number, lines = _take_bfpo(lines)
        country, lines = _take_country(lines)
        postcode = format_postcode(lines[-1]) if lines and country.is_uk else None
        if postcode:
            lines[-1] = postcode
        bfpo = [] if bfpo_number is None else [f"BFPO {bfpo_number}"]
        abroad = [] if country.is_uk else [country.name]
        return cls(tuple(lines), country, bfpo_number, postcode, (*lines, *bfpo, *abroad))

    @classmethod
    def from_personalisation(cls, values: Mapping[str, Any]) -> Self:
        """Read the address from the values a caller sends with a letter.

        Args:
            values: has ``address_line_1`` to ``address_line_6``, then ``address_line_7`` or ``postcode``.

        Raises:
            PersonalisationError: a value cannot be written as text.
        """
        last = "address_line_7" if "address_line_7" in values else "postcode"
        found = (values.get(key) for key in (*_LINE_KEYS, last))
        try:
            return cls.parse("\n".join(str(value) for value in found if value))
        except (RecursionError, ValueError) as error:
            raise PersonalisationError("An address line cannot be shown as text") from error

    @property
    def line_count(self) -> int:
        """How many lines say something."""
        return len(self.normalised_lines) - self.normalised_lines.count("")

    @property
    def single_line(self) -> str:
        """The address in one line, its parts separated by commas."""
        return ", ".join(self.normalised_lines)

    @property
    def international(self) -> bool:
        """Whether the letter leaves the United Kingdom."""
        return not self.country.is_uk

    @property
    def postage_zone(self) -> str:
        """``united-kingdom``, ``europe`` or ``rest-of-world``; the latter two are also kinds of postage."""
        return self.country.postage_zone

    @property
    def has_enough_lines(self) -> bool:
        """Whether there are at least three lines."""
        return self.line_count >= MIN_LINES

    @property
    def has_too_many_lines(self) -> bool:
        """Whether there are more than seven lines."""
        return self.line_count > MAX_LINES

    @property
    def has_alphanumeric_in_lines_1_and_2(self) -> bool:
        """Whether both of the first lines say something."""
        first = self.normalised_lines[:2]
        return len(first) == 2 and all(map(_LETTER_OR_DIGIT.search, first))

    @property
    def has_invalid_country_for_bfpo_address(self) -> bool:
        """Whether it names a country besides a forces post office, which knows where it is."""
        return self.bfpo_number is not None and self.international

    @property
    def has_invalid_characters(self) -> bool:
        """Whether a line starts with a sign that the printers' systems take for something else."""
        return any(line[:1] in _FORBIDDEN_STARTS for line in self.normalised_lines)

    @property
    def has_no_fixed_abode_address(self) -> bool:
        """Whether it says that the recipient has no address."""
        lines = "\n".join(("", *self.normalised_lines, "")).lower()
        return "\nnfa\n" in lines or "no fixed abode" in lines or "no fixed address" in lines

    def has_valid_last_line(self, *, international_letters: bool) -> bool:
        """Whether the last line is a postcode, a forces post office or a country one may write to."""
        if self.bfpo_number is not None:
            return not self.international
        return international_letters if self.international else self.postcode is not None

    def error(self, *, international_letters: bool) -> InvalidPostalAddress | None:
        """Why no letter can go there; None if one can.

        Args:
            international_letters: whether the service may send letters to other countries.

        Contract: content rules, section 3, "Checks".
        """
        code = next(self._problems(international_letters=international_letters), None)
        return InvalidPostalAddress(code) if code else None

    def _problems(self, *, international_letters: bool) -> Iterator[str]:
        if not self.line_count:
            yield "address-is-empty"
        if not self.has_enough_lines:
            yield "not-enough-address-lines"
        if self.has_too_many_lines:
            yield "too-many-address-lines"
        if not self.has_alphanumeric_in_lines_1_and_2:
            yield "invalid-address-line-1-or-2"
        if self.has_invalid_country_for_bfpo_address:
            yield "has-country-for-bfpo-address"
        if not self.has_valid_last_line(international_letters=international_letters):
            yield self._last_line_problem(international_letters=international_letters)
        if self.has_invalid_characters:
            yield "invalid-char-in-address"
        if self.has_no_fixed_abode_address:
            yield "no-fixed-abode-address"

    def _last_line_problem(self, *, international_letters: bool) -> str:
        if international_letters:
            return "not-a-real-uk-postcode-or-country"
        return "cant-send-international-letters" if self.international else "not-a-real-uk-postcode"

    @property
    def as_personalisation(self) -> dict[str, str]:
        """The lines under the names that letters use for them, blank where there are fewer."""
        *lines, last = self.normalised_lines or ("",)
        postcode = last
        if self.bfpo_number is not None:
            postcode = self.postcode or ""
            lines = lines[:-1] if postcode else lines
        width = 5 if self.bfpo_number is not None and postcode else 6
        padded = (lines + [""] * width)[:width] + [postcode] * (6 - width)
        return {**dict(zip(_LINE_KEYS, padded, strict=True)), "postcode": postcode, "address_line_7": last}


def normalised_to(text: str) -> str:
    """The form in which a letter's recipient is stored to be searched for: no white space, small letters."""
    return "".join(text.split()).lower()


def _tidied_lines(text: str) -> list[str]:
    """The lines that say something; one blank line if none does."""
    lines = [normalise_whitespace(line).rstrip(" ,") for line in text.splitlines()]
    return tidy_punctuation("\n".join(filter(None, lines))).split("\n")


def _take_bfpo(lines: list[str]) -> tuple[int | None, list[str]]:
    """The forces post office, if a line gives its number, and the lines that say nothing about it."""
    if "bfpo" not in "\n".join(lines).lower():
        return None, lines
    found = [_BFPO.fullmatch(line) for line in lines]
    numbers = [match[1] for match in found if match and match[1]]
    if not numbers:
        return None, lines
    return int(numbers[0]), [line for line, match in zip(lines, found, strict=True) if match is None]


def _take_country(lines: list[str]) -> tuple[Country, list[str]]:
    """The country in the last line, the United Kingdom if there is none, and the lines above it."""
    country = find_country(lines[-1]) if lines else None
    if country is None:
        return united_kingdom(), lines
    if not country.is_uk:
        return country, lines[:-1]
    return country, lines[: -_uk_lines_at_the_end(lines)]


def _uk_lines_at_the_end(lines: list[str]) -> int:
    """How many lines to cut: as many as name the UK anywhere below the lowest line with another country.

    Callers have come to rely on lines between those not being looked at.
    """
    named = 0
    for line in reversed(lines):
        country = find_country(line)
        if country and not country.is_uk:
            break
        named += country is not None
    return named
