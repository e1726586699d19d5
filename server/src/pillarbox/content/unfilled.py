"""How previews show placeholders that have no value yet.

The marks are HTML, so the text around them has to be escaped: fill with ``escape=True``.
"""

from pillarbox.content.placeholders import Placeholder


def marked(placeholder: Placeholder) -> str:
    """The placeholder in its brackets, in a span that pages can give a colour."""
    if placeholder.text is not None:
        return _marked_conditional(placeholder)
    return f"<span class='placeholder'>&#40;&#40;{placeholder.name}&#41;&#41;</span>"


def marked_without_brackets(placeholder: Placeholder) -> str:
    """The placeholder's name alone in a span; conditional ones keep their brackets."""
    if placeholder.text is not None:
        return _marked_conditional(placeholder)
    return f"<span class='placeholder-no-brackets'>{placeholder.name}</span>"


def hidden(_placeholder: Placeholder) -> str:
    """What stands for a value that must not be shown, on a page."""
    return "<span class='placeholder-redacted'>hidden</span>"


def hidden_in_plain_text(_placeholder: Placeholder) -> str:
    """What stands for a value that must not be shown, in plain text."""
    return "[hidden]"


def _marked_conditional(placeholder: Placeholder) -> str:
    name = f"<span class='placeholder-conditional'>&#40;&#40;{placeholder.name}??</span>"
    return f"{name}{placeholder.text}&#41;&#41;"
