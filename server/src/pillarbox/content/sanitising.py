"""Sanitising: making values from strangers harmless before they are put into an email."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pillarbox.content.placeholders import fold

# A name with dots, its last label of letters only, then perhaps a path. It starts where a run of such
# characters starts and never next to an @: addresses stay whole, and every run is tried from one place only.
_LINK = re.compile(
    r"""
    (?<![\w@.-])
    (?:(?i:https?)://)?
    (?![\w.-]++@)
    (?:[\w-]++\.)+ [A-Za-z]{2,63} (?![\w@])
    (?:[/?#][^\s<>"]*+)?
    """,
    re.VERBOSE,
)
_ONLY_A_NAME = re.compile(r"(?:[^\W_]|[.-])+")
_MARKDOWN = {ord(character): f"\\{character}" for character in "`*_(){}[]<>#+-.!|\\"}


class NotTextError(ValueError):
    """A value that is to be sanitised is no text.

    Attributes:
        name: the value's name, as the request spells it; None if it has none.
        value: the value.
    """

    def __init__(self, value: Any, name: str | None = None) -> None:
        super().__init__("Only text can be sanitised" if name is None else f"{name} is not text")
        self.value, self.name = value, name


@dataclass(frozen=True, slots=True)
class Sanitised:
    """A request's personalisation after sanitising."""

    personalisation: dict[str, Any]
    changes: dict[str, dict[str, str]]
    """For each value that changed its ``unsanitised`` and ``sanitised`` form, as the API shows it."""


def sanitise_value(value: Any) -> str:
    """Take links out of a text and the meaning out of its Markdown.

    A name with dots is kept with a space after each dot, since it may be two sentences; anything more of a
    link is deleted.

    Raises:
        NotTextError: the value is no text.

    Contract: content rules, section 11.
    """
    if not isinstance(value, str):
        raise NotTextError(value)
    return _LINK.sub(_unlinked, value).translate(_MARKDOWN)


def sanitise_personalisation(personalisation: Mapping[str, Any], names: Iterable[Any] | None) -> Sanitised:
    """Sanitise the values that a request names, leaving the others alone.

    Args:
        personalisation: the request's values.
        names: the request's ``sanitise_content_for``; names are compared as those of placeholders are, and
            items that are no text name nothing.

    Raises:
        NotTextError: a value that is named is no text.

    Contract: content rules, section 11.
    """
    wanted = {fold(name) for name in names or () if isinstance(name, str)}
    values = dict(personalisation)
    changes: dict[str, dict[str, str]] = {}
    for name, value in personalisation.items():
        if fold(name) not in wanted:
            continue
        if not isinstance(value, str):
            raise NotTextError(value, name)
        values[name] = sanitise_value(value)
        if values[name] != value:
            changes[name] = {"unsanitised": value, "sanitised": values[name]}
    return Sanitised(values, changes)


def _unlinked(link: re.Match[str]) -> str:
    text = link[0]
    return text.replace(".", ". ") if _ONLY_A_NAME.fullmatch(text) else ""
