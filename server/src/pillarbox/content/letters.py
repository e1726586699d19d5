"""Letters: what callers are shown, and the texts that are typeset."""

from collections.abc import Sequence

from pillarbox.content.characters import normalise_whitespace, tidy_punctuation
from pillarbox.content.letters_html import LetterBody, letter_body
from pillarbox.content.markdown_templates import MarkdownTemplate
from pillarbox.content.placeholders import Personalisation, PlaceholderText, missing_names, unique_names
from pillarbox.content.typography import set_typography
from pillarbox.content.unfilled import marked, marked_without_brackets

_FEWEST_ADDRESS_LINES, _MOST_ADDRESS_LINES = 3, 7
_ADDRESS_LINES = PlaceholderText.parse("\n".join(f"((address line {number}))" for number in range(1, 8)))


class LetterText:
    """What a letter says in one language, taken apart once and filled many times.

    Args:
        subject: the heading of the letter.
        content: the body, in the Markdown dialect.
        contact_block: the sender's address, as plain lines.

    The methods raise PersonalisationError if a value cannot be written as text.
    """

    def __init__(self, subject: str, content: str, contact_block: str | None = None) -> None:
        self._subject = PlaceholderText.parse(subject)
        self._content = MarkdownTemplate(content)
        lines = (contact_block or "").strip().splitlines()
        self._contact_block = PlaceholderText.parse("\n".join(line.strip() for line in lines))

    @property
    def texts(self) -> tuple[PlaceholderText, ...]:
        """The subject and the body, in the order in which their placeholders are listed."""
        return self._subject, self._content.text

    @property
    def contact_block(self) -> PlaceholderText:
        """The sender's address."""
        return self._contact_block

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the placeholders: contact block, subject, body."""
        return unique_names([self._contact_block, *self.texts])

    def missing(self, personalisation: Personalisation) -> list[str]:
        """The names of the placeholders that have no value."""
        return missing_names(self.placeholders, personalisation)

    def subject(self, personalisation: Personalisation) -> str:
        """The subject on one line, escaped for HTML: callers are shown it that way too."""
        filled = self._subject.fill(personalisation, escape=True, unfilled=marked)
        return normalise_whitespace(set_typography(filled))

    def body(self, personalisation: Personalisation) -> str:
        """The body that callers are shown: placeholders filled, Markdown as it is written."""
        return self._content.body(personalisation)

    def printed(self, personalisation: Personalisation) -> LetterBody:
        """The body as HTML to be typeset, with its QR codes."""
        return letter_body(self._content.filled(personalisation, escape=True))

    def contact_block_html(self, personalisation: Personalisation) -> str:
        """The sender's address as HTML, its lines kept apart by ``<br>``."""
        filled = self._contact_block.fill(personalisation, escape=True, unfilled=marked)
        return tidy_punctuation(filled).replace("\n", "<br>")

    def is_empty(self, personalisation: Personalisation) -> bool:
        """Whether there is nothing to send; only a template of placeholders alone can come out empty."""
        return self._content.is_empty(personalisation)


class LetterTemplate:
    """The template of a letter in English, or in Welsh and English.

    Args:
        subject: the heading of the letter.
        content: the body, in the Markdown dialect.
        contact_block: the sender's address.
        welsh_subject: the heading of the Welsh pages.
        welsh_content: the body of the Welsh pages; without it there are none.

    Contract: content rules, section 7.
    """

    def __init__(
        self,
        subject: str,
        content: str,
        contact_block: str | None = None,
        welsh_subject: str | None = None,
        welsh_content: str | None = None,
    ) -> None:
        self.english = LetterText(subject, content, contact_block)
        self.welsh: LetterText | None = None
        if welsh_content is not None:
            self.welsh = LetterText(welsh_subject or "", welsh_content, contact_block)

    @property
    def pages(self) -> tuple[LetterText, ...]:
        """What is printed, in the order in which it is: Welsh comes first."""
        return (self.welsh, self.english) if self.welsh else (self.english,)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the placeholders: contact block, Welsh subject and body, subject, body."""
        texts = (text for page in self.pages for text in page.texts)
        return unique_names([self.english.contact_block, *texts])

    def missing(self, personalisation: Personalisation) -> list[str]:
        """The names of the placeholders that have no value."""
        return missing_names(self.placeholders, personalisation)

    def subject(self, personalisation: Personalisation) -> str:
        """The English subject, as callers are shown it: escaped for HTML."""
        return self.english.subject(personalisation)

    def body(self, personalisation: Personalisation) -> str:
        """The English body, as callers are shown it."""
        return self.english.body(personalisation)

    def is_empty(self, personalisation: Personalisation) -> bool:
        """Whether there is nothing to send."""
        return self.english.is_empty(personalisation)


def address_lines(personalisation: Personalisation, normalised: Sequence[str]) -> list[str]:
    """The lines of the address that show in the envelope's window.

    Args:
        personalisation: the values, among them the lines of the address as they were given.
        normalised: the normalised address.

    Returns:
        The normalised address, or if it has too few or too many lines, the lines that were given with the
        missing ones marked, as in previews; those are escaped for HTML.

    Contract: content rules, section 7.
    """
    if _FEWEST_ADDRESS_LINES <= len(normalised) <= _MOST_ADDRESS_LINES:
        return list(normalised)
    given = dict(personalisation.given)
    if personalisation.get("address line 7") is None:
        given["address line 7"] = personalisation.get("postcode")
    return _ADDRESS_LINES.fill(
        Personalisation(given), escape=True, unfilled=marked_without_brackets
    ).splitlines()
