"""Emails: what callers are shown, and what is sent as HTML and as plain text."""

import re

from pillarbox.content.characters import normalise_whitespace
from pillarbox.content.emails_html import HtmlLook, styled
from pillarbox.content.emails_plain import PlainLook, PreheaderLook, unescaped
from pillarbox.content.emails_rendering import Rendering
from pillarbox.content.links import unlink_govuk
from pillarbox.content.markdown import show
from pillarbox.content.markdown_templates import MarkdownTemplate
from pillarbox.content.placeholders import Personalisation, PlaceholderText, missing_names, unique_names
from pillarbox.content.typography import set_typography
from pillarbox.content.unfilled import marked

SIZE_LIMIT = 2_000_000
PREHEADER_LENGTH = 256

_HTML = HtmlLook()
_PLAIN = PlainLook()
_PREHEADER = PreheaderLook()

_UNSUBSCRIBE = "\n\n---\n\n[Unsubscribe from these emails]({link})"

# A line separator and a filler that shows as nothing.
_DELETED = re.compile("[\u2028\u3164]")


class EmailTemplate:
    """The template of an email, taken apart once and rendered many times.

    Args:
        subject: the subject with its placeholders.
        content: the body, in the Markdown dialect, with its placeholders.

    Every method that takes a personalisation raises PersonalisationError if a value cannot be written as text.
    Placeholders without value are shown marked, as in previews.

    Contract: content rules, sections 4 and 6.
    """

    def __init__(self, subject: str, content: str) -> None:
        self._subject = PlaceholderText.parse(subject)
        self._content = MarkdownTemplate(content)
        self._html = Rendering(self._content, _as_html, escape=True)
        self._plain = Rendering(self._content, _as_plain, escape=False)
        self._preheader = Rendering(self._content, _as_preheader, escape=True)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the placeholders in the order and the spelling of their first use, subject first."""
        return unique_names([self._subject, self._content.text])

    def missing(self, personalisation: Personalisation) -> list[str]:
        """The names of the placeholders that have no value."""
        return missing_names(self.placeholders, personalisation)

    def subject(self, personalisation: Personalisation) -> str:
        """The subject as it is sent, and as callers are shown it."""
        return _one_line(self._subject.fill(personalisation, unfilled=marked))

    def subject_html(self, personalisation: Personalisation) -> str:
        """The subject for a page."""
        return _one_line(self._subject.fill(personalisation, escape=True, unfilled=marked))

    def body(self, personalisation: Personalisation) -> str:
        """The body that callers are shown: placeholders filled, Markdown as it is written."""
        return self._content.body(personalisation)

    def html(self, personalisation: Personalisation, unsubscribe_link: str | None = None) -> str:
        """The body as HTML, without a page around it.

        Args:
            personalisation: the values.
            unsubscribe_link: where recipients unsubscribe, if the email tells them.
        """
        if unsubscribe_link:
            return Rendering(self._and_then(unsubscribe_link), _as_html, escape=True).anew(personalisation)
        return self._html.show(personalisation)

    def plain(self, personalisation: Personalisation, unsubscribe_link: str | None = None) -> str:
        """The body as plain text.

        Args:
            personalisation: the values.
            unsubscribe_link: where recipients unsubscribe, if the email tells them.
        """
        if unsubscribe_link:
            return Rendering(self._and_then(unsubscribe_link), _as_plain, escape=False).anew(personalisation)
        return self._plain.show(personalisation)

    def preheader(self, personalisation: Personalisation) -> str:
        """The first words of the body, for inboxes to show beside the subject; escaped for HTML."""
        return self._preheader.show(personalisation)[:PREHEADER_LENGTH]

    def is_empty(self, personalisation: Personalisation) -> bool:
        """Whether there is nothing to send; only a template of placeholders alone can come out empty."""
        return self._content.is_empty(personalisation)

    def size(self, personalisation: Personalisation) -> int:
        """The length of the body in bytes of UTF-8."""
        return len(self.body(personalisation).encode("utf-8", "surrogatepass"))

    def is_too_long(self, personalisation: Personalisation) -> bool:
        """Whether the body is over the limit."""
        return self.size(personalisation) > SIZE_LIMIT

    def _and_then(self, unsubscribe_link: str) -> MarkdownTemplate:
        return self._content.and_then(_UNSUBSCRIBE.format(link=unsubscribe_link))


def too_long_message(size: int) -> str:
    """What callers are told when an email's body is over the limit.

    Args:
        size: the length of the body in bytes.
    """
    return (
        f"Your message is too long. Emails cannot be longer than {SIZE_LIMIT} bytes. "
        f"Your message is {size} bytes."
    )


def _one_line(filled: str) -> str:
    return normalise_whitespace(set_typography(filled))


def _as_html(filled: str) -> str:
    return styled(set_typography(show(_cleaned(filled), _HTML)))


def _as_plain(filled: str) -> str:
    return unescaped(set_typography(show(_cleaned(filled), _PLAIN), tags=False)).lstrip() + "\n"


def _as_preheader(filled: str) -> str:
    return " ".join(set_typography(show(_cleaned(filled), _PREHEADER)).split())


def _cleaned(filled: str) -> str:
    filled = unlink_govuk(filled)
    return (filled if filled.isascii() else _DELETED.sub("", filled)) + "\n"
