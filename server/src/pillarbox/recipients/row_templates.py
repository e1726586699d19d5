"""What rows of a spreadsheet are checked against: the placeholders of a template, and what it makes of values."""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

from pillarbox.content.emails import EmailTemplate
from pillarbox.content.letters import LetterTemplate, LetterText
from pillarbox.content.placeholders import Personalisation
from pillarbox.content.texts import CHARACTER_LIMIT, TextTemplate
from pillarbox.recipients.columns import Channel

_LETTERS = re.compile(r"[A-Za-z0-9]")
_MAY_BE_QR_CODE = re.compile(r"qr|&", re.IGNORECASE)
_WIDEST = 3
"""A character becomes at most three when it is put into those that texts can carry."""


class Problem(Enum):
    """Why the message that a row makes cannot be sent, whoever it is for."""

    TOO_LONG = "too-long"
    EMPTY = "empty"
    QR_CODE_TOO_LONG = "qr-code-too-long"


class RowTemplate(Protocol):
    """What the reader of spreadsheets needs to know of a template."""

    @property
    def channel(self) -> Channel:
        """How its messages go out."""

    @property
    def placeholders(self) -> Sequence[str]:
        """The names it asks for, in the spelling in which they are reported missing."""

    def check(self, values: Mapping[str, Any]) -> Collection[Problem]:
        """What is wrong with the message made from the values of a row, by folded name."""


class TextRows:
    """A text message's template.

    Args:
        template: the template.
        prefix: the service's name, if it stands in front of its messages.
    """

    channel = Channel.TEXT

    def __init__(self, template: TextTemplate, prefix: str | None = None) -> None:
        self._template = template
        self._prefix = prefix
        self._keys = [placeholder.key for placeholder in template.text.placeholders]
        fixed = sum(map(len, template.text.literals)) + sum(len(p.source) for p in template.text.placeholders)
        self._longest_values = CHARACTER_LIMIT // _WIDEST - fixed - len(prefix or "") - len(": ")
        letters = sum(len(_LETTERS.findall(literal)) for literal in template.text.literals)
        self._says_something = letters > len(prefix or "") + len(": ")

    @property
    def placeholders(self) -> Sequence[str]:
        """The names the template asks for."""
        return self._template.placeholders

    def check(self, values: Mapping[str, Any]) -> Collection[Problem]:
        """Whether the message is too long or empty."""
        if self._says_something and self._is_short(values):
            return ()
        message = self._template.render(Personalisation(values), self._prefix)
        found = {Problem.TOO_LONG: message.is_too_long, Problem.EMPTY: message.is_empty}
        return [problem for problem, applies in found.items() if applies]

    def _is_short(self, values: Mapping[str, Any]) -> bool:
        """Whether the message is so short that it need not be rendered to know that it fits."""
        found = [values.get(key) for key in self._keys]
        try:
            return len("".join(found)) <= self._longest_values  # type: ignore[arg-type]  # others raise
        except TypeError:
            return False


class EmailRows:
    """An email's template: only whether it is empty is seen row by row."""

    channel = Channel.EMAIL

    def __init__(self, template: EmailTemplate) -> None:
        self._template = template

    @property
    def placeholders(self) -> Sequence[str]:
        """The names the template asks for."""
        return self._template.placeholders

    def check(self, values: Mapping[str, Any]) -> Collection[Problem]:
        """Whether the email is empty."""
        return [Problem.EMPTY] if self._template.is_empty(Personalisation(values)) else ()


class LetterRows:
    """A letter's template."""

    channel = Channel.LETTER

    def __init__(self, template: LetterTemplate) -> None:
        self._template = template

    @property
    def placeholders(self) -> Sequence[str]:
        """The names the template asks for."""
        return self._template.placeholders

    def check(self, values: Mapping[str, Any]) -> Collection[Problem]:
        """Whether the letter is empty, or has a QR code that nothing could read."""
        personalisation = Personalisation(values)
        pages = self._template.pages
        found = {
            Problem.EMPTY: self._template.is_empty(personalisation),
            Problem.QR_CODE_TOO_LONG: any(_has_long_qr_code(page, personalisation) for page in pages),
        }
        return [problem for problem, applies in found.items() if applies]


def _has_long_qr_code(page: LetterText, personalisation: Personalisation) -> bool:
    body = page.body(personalisation)
    # Typesetting takes a thousand times longer than seeing that there is no such code.
    if not _MAY_BE_QR_CODE.search(body):
        return False
    return page.printed(personalisation).qr_code_too_long is not None
