"""The look of emails in plain text, and of the line that inboxes show beside the subject."""

import html
import re

from pillarbox.content.markdown import Look

_WIDTH = 65
_RULE = ("=-" * _WIDTH)[:_WIDTH]
_UNDERLINES = {1: "=" * _WIDTH, 2: "-" * _WIDTH}
_ENTITY = re.compile(r"&#?[^\s&;<#]{1,64};")


class PlainLook(Look):
    """Emails in plain text. Every block brings the line breaks in front of it."""

    gap = "\n"
    rule = f"\n\n{_RULE}"
    line_break = "\n"
    angle_brackets = True

    def paragraph(self, text: str) -> str:
        """A paragraph."""
        return f"\n\n{text}"

    def heading(self, level: int, text: str) -> str:
        """An underlined heading."""
        return f"\n\n\n{text}\n{_UNDERLINES[level]}"

    def quote(self, inside: str) -> str:
        """Nothing sets a quote apart here."""
        return inside

    def list(self, *, ordered: bool, items: list[str]) -> str:
        """A list with bullets, or with numbers from 1."""
        if ordered:
            return "\n" + "".join([f"\n{number}. {item}" for number, item in enumerate(items, 1)])
        return "\n" + "".join([f"\n• {item}" for item in items])

    def link(self, text: str, target: str, title: str | None) -> str:
        """The text, the title and where the link leads."""
        return f"{text} ({title}): {target}" if title else f"{text}: {target}"

    def address(self, address: str) -> str:
        """The address."""
        return address


class PreheaderLook(PlainLook):
    """What of an email inboxes show: the words alone. The text is escaped for HTML."""

    rule = "\n"
    angle_brackets = False

    def heading(self, level: int, text: str) -> str:  # noqa: ARG002 - all levels look the same here
        """The heading's words."""
        return f"\n{text}\n"

    def link(self, text: str, target: str, title: str | None) -> str:  # noqa: ARG002 - only the words are shown
        """The link's text."""
        return text


def unescaped(text: str) -> str:
    """A text with the characters that its entities stand for; only those that end in a semicolon are any."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])
