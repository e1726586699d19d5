"""What the templates of emails and letters have in common: a body in the Markdown dialect."""

from pillarbox.content.placeholders import Personalisation, PlaceholderText, as_bullets
from pillarbox.content.unfilled import marked


class MarkdownTemplate:
    """A body with its placeholders, taken apart once and filled many times.

    Args:
        source: the body as it is written.

    The methods raise PersonalisationError if a value cannot be written as text.

    Contract: content rules, sections 4, 6 and 7.
    """

    def __init__(self, source: str) -> None:
        self.text = PlaceholderText.parse(source)

    def filled(self, personalisation: Personalisation, *, escape: bool) -> str:
        """The body with values in it, lists as bullets; placeholders without value are marked as in previews.

        Args:
            personalisation: the values.
            escape: whether text and values are escaped for HTML.
        """
        return self.text.fill(personalisation, escape=escape, lists=as_bullets, unfilled=marked)

    def body(self, personalisation: Personalisation) -> str:
        """The body that callers are shown: placeholders filled, Markdown as it is written."""
        return self.filled(personalisation, escape=False).strip()

    def is_empty(self, personalisation: Personalisation) -> bool:
        """Whether there is nothing to send; only a template of placeholders alone can come out empty."""
        source = self.text.source
        # White space is something: recorded answers take "\n\n" and " " for bodies that can be sent.
        if not source:
            return True
        return source.startswith("((") and source.endswith("))") and not self.body(personalisation)

    def and_then(self, source: str) -> "MarkdownTemplate":
        """This body with more after it."""
        return MarkdownTemplate(self.text.source + source)
