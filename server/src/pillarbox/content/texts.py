"""Text messages: what is sent, how many characters it has and how many fragments it is billed as."""

import re
from functools import lru_cache
from typing import NamedTuple

from pillarbox.content.characters import (
    EXTENDED_GSM,
    SENDABLE,
    UNICODE_ONLY,
    normalise_whitespace,
    replaced_by_question_mark,
    tidy_punctuation,
    to_gsm,
)
from pillarbox.content.placeholders import Personalisation, Placeholder, PlaceholderText, missing_names

CHARACTER_LIMIT = 918
TEMPLATE_TOO_LONG = f"Content has a character count greater than the limit of {CHARACTER_LIMIT}"

_BLANK_LINES = re.compile(r"\n{3,}")
_UNICODE = re.compile(f"[{''.join(sorted(UNICODE_ONLY))}]")
_EXTENDED = re.compile(f"[{re.escape(EXTENDED_GSM)}]")

# Words of what can be sent, single spaces between them, none before a stop: such a text is fine as it is.
_IN_WORDS = re.escape("".join(sorted(SENDABLE - frozenset(" \n\r,."))))
_FINE = re.compile(f"[{_IN_WORDS},.]++(?>(?: [{_IN_WORDS}][{_IN_WORDS},.]*+)*)")

# Holds the place of a placeholder while white space is tidied. No text that came in as UTF-8 has it.
_GAP = "\udfff"


class TextMessage(NamedTuple):
    """A text message, encoded: every character is one that can be sent."""

    content: str
    """What is sent, with the service's name in front if it has that."""
    body: str
    """The same without the service's name: what callers are shown."""
    characters: int
    """How many characters count towards the limit: those of the content without the service's name."""

    @property
    def is_unicode(self) -> bool:
        """Whether a letter of Welsh makes the message be sent as Unicode, in shorter fragments."""
        return not self.content.isascii() and _UNICODE.search(self.content) is not None

    @property
    def units(self) -> int:
        """The length that fragments are counted by: in GSM some characters take two places."""
        return self._measured[0]

    @property
    def fragments(self) -> int:
        """How many fragments the message is sent and billed as; at least one."""
        units, single, part = self._measured
        return 1 if units <= single else -(-units // part)

    @property
    def units_in_last_fragment(self) -> int:
        """How far the message is above the length at which it would cost a fragment less."""
        units, single, part = self._measured
        full = self.fragments - 1
        return units - (single if full == 1 else full * part)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left, the service's name aside."""
        return self.characters == 0

    @property
    def characters_above_limit(self) -> int:
        """How many characters too many there are."""
        return max(0, self.characters - CHARACTER_LIMIT)

    @property
    def is_too_long(self) -> bool:
        """Whether the message is over the limit; some characters count twice in fragments, but once here."""
        return self.characters > CHARACTER_LIMIT

    @property
    def too_long_message(self) -> str:
        """What callers are told when the message is too long."""
        return (
            f"Your message is too long. Text messages cannot be longer than {CHARACTER_LIMIT} characters. "
            f"Your message is {self.characters} characters long."
        )

    @property
    def _measured(self) -> tuple[int, int, int]:
        """The units there are, how many fit into a single fragment, and into each of several."""
        length = len(self.content)
        if self.is_unicode:
            return length, 70, 67
        return length + len(_EXTENDED.findall(self.content)), 160, 153


class TextTemplate:
    """The template of a text message, taken apart once and rendered many times.

    Args:
        content: the template's text with its placeholders.

    Contract: content rules, sections 4 and 5.
    """

    def __init__(self, content: str) -> None:
        self.text = PlaceholderText.parse(content)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the placeholders in the order and the spelling of their first use."""
        return self.text.names

    def missing(self, personalisation: Personalisation) -> list[str]:
        """The names of the placeholders that have no value."""
        return missing_names(self.placeholders, personalisation)

    def render(self, personalisation: Personalisation, prefix: str | None = None) -> TextMessage:
        """Fill the template and encode it.

        Without any value the placeholders vanish, which measures the template itself. With some values, those
        that have none stay as they are written.

        Args:
            personalisation: the values.
            prefix: the service's name, if the service puts it in front of its messages.

        Raises:
            PersonalisationError: a value cannot be written as text.
        """
        filled = self._fill(personalisation)
        body = _encode(filled)
        if not prefix:
            return TextMessage(body, body, len(body))
        # Nothing is tidied across the seam if the body starts with a letter or digit, as nearly all do.
        joins = filled[:1].isalnum()
        content = f"{_head(prefix)} {body}" if joins else _encode(f"{prefix.strip()}: {filled}")
        # The limit leaves the name out as it is spelt, before its own spaces are tidied away.
        return TextMessage(content, body, max(0, len(content) - len(prefix) - len(": ")))

    def body(self, personalisation: Personalisation) -> str:
        """What callers are shown: the rendered message without the service's name.

        Raises:
            PersonalisationError: a value cannot be written as text.
        """
        return _encode(self._fill(personalisation))

    def replaced_characters(self, personalisation: Personalisation, prefix: str | None = None) -> list[str]:
        """The different characters that become question marks when the template is rendered, sorted."""
        filled = self._fill(personalisation)
        return replaced_by_question_mark(_tidy(f"{prefix.strip()}: {filled}" if prefix else filled))

    def _fill(self, personalisation: Personalisation) -> str:
        return self.text.fill(personalisation, unfilled=_as_written if personalisation else _gap)


@lru_cache(maxsize=1024)
def _head(prefix: str) -> str:
    return _encode(f"{prefix.strip()}:")


def _as_written(placeholder: Placeholder) -> str:
    return placeholder.source


def _gap(_placeholder: Placeholder) -> str:
    return _GAP


def _encode(filled: str) -> str:
    return filled if _FINE.fullmatch(filled) else to_gsm(_tidy(filled))


def _tidy(filled: str) -> str:
    lines = map(normalise_whitespace, tidy_punctuation(filled).splitlines())
    text = "\n".join(lines)
    if "\n\n\n" in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip().replace(_GAP, "")
