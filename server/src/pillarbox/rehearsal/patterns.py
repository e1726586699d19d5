"""Which recipients a rule means: one, or all that fit a pattern with asterisks. Matching takes linear time."""

import re
from dataclasses import dataclass
from typing import Self

from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.phone_numbers import PhoneNumber

_LIKE_A_NUMBER = re.compile(r"[0-9\s+()*-]+")
_PUNCTUATION = re.compile(r"[\s+()-]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is between the asterisks, each of which stands for any characters, or none."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a pattern: `07700 900456`, `+44 7700*`, `*456`, `jo@example.com`, `*@example.com`."""
        return cls(tuple(_comparable(text.strip().lower()).split("*")))

    def fits(self, recipient: str) -> bool:
        """Whether a recipient is meant: a number in digits with its country code, or an address in any case."""
        text = recipient.lower()
        first, *rest = self.parts
        if not rest:
            return text == first
        *between, last = rest
        if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
            return False
        return _in_order(between, text, len(first), len(text) - len(last))


def _in_order(parts: list[str], text: str, begin: int, end: int) -> bool:
    """The first place of each part is as good as any: nothing is tried twice."""
    for part in parts:
        found = text.find(part, begin, end)
        if found < 0:
            return False
        begin = found + len(part)
    return True


def _comparable(text: str) -> str:
    """Numbers with their country code, as messages have them, however much of one is written."""
    if not _LIKE_A_NUMBER.fullmatch(text) or not any(map(str.isdigit, text)):
        return text
    try:
        return PhoneNumber.parse(text).normalised
    except InvalidRecipient:
        return _with_country_code(text)


def _with_country_code(text: str) -> str:
    digits = _PUNCTUATION.sub("", text)
    if text.startswith("+") or not digits.startswith("0"):
        return digits
    return digits[2:] if digits.startswith("00") else f"44{digits[1:]}"
