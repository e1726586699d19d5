"""One form of an email's body: by an outline where that is the same, which takes a tenth of the time, else anew."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from pillarbox.content.emails_outlines import Outline, as_words, with_stand_ins
from pillarbox.content.markdown_templates import MarkdownTemplate
from pillarbox.content.placeholders import Personalisation, PlaceholderText, shows

# Beyond these, outlines would cost more memory than the time they save is worth.
LONGEST_SOURCE = 100_000
MOST_OUTLINES = 16


class Rendering:
    """A template's body in one form, such as HTML.

    Args:
        content: the body as a template.
        render: makes the form of a body whose placeholders are filled.
        escape: whether text and values are escaped for HTML before.

    The methods raise PersonalisationError if a value cannot be written as text.
    """

    def __init__(self, content: MarkdownTemplate, render: Callable[[str], str], *, escape: bool) -> None:
        self._content = content
        self._render = render
        self._escape = escape
        self._outlines: dict[tuple[bool, ...], Outline | None] = {}

    def show(self, personalisation: Personalisation) -> str:
        """The body with values in it."""
        shown = self.quickly(personalisation)
        return self.anew(personalisation) if shown is None else shown

    def anew(self, personalisation: Personalisation) -> str:
        """The body read from start to end with the values in it."""
        return self._render(self._content.filled(personalisation, escape=self._escape))

    def quickly(self, personalisation: Personalisation) -> str | None:
        """The body by its outline; None if there is none for these values."""
        if len(self._content.text.source) > LONGEST_SOURCE:
            return None
        values = personalisation.by_escaped_name if self._escape else personalisation.values
        words: list[str] = []
        for key in self._numbers:
            word = as_words(values.get(key))
            if word is None:
                return None
            words.append(word)
        outline = self._outline(values)
        return outline.filled(words) if outline else None

    @cached_property
    def _text(self) -> PlaceholderText:
        return self._content.text.escaped if self._escape else self._content.text

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """A number for each name whose value is shown."""
        keys = dict.fromkeys(p.key for p in self._text.placeholders if p.text is None)
        return {key: number for number, key in enumerate(keys)}

    @cached_property
    def _conditions(self) -> list[str]:
        """The names whose values decide whether something is shown."""
        return list(dict.fromkeys(p.key for p in self._text.placeholders if p.text is not None))

    def _outline(self, values: Mapping[str, Any]) -> Outline | None:
        deciding = [values.get(key) for key in self._conditions]
        if None in deciding:
            return None
        choice = tuple(map(shows, deciding))
        if choice not in self._outlines and len(self._outlines) < MOST_OUTLINES:
            self._outlines[choice] = self._drawn(choice)
        return self._outlines.get(choice)

    def _drawn(self, choice: tuple[bool, ...]) -> Outline | None:
        shown = dict(zip(self._conditions, choice, strict=True))
        prepared = with_stand_ins(self._text, self._numbers, shown)
        return Outline.of(self._render(prepared), prepared) if prepared is not None else None
