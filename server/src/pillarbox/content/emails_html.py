"""The look of emails in HTML: a fragment with inline styles, since many email programs know nothing else."""

import re

from pillarbox.content.links import link_target
from pillarbox.content.markdown import Look

_FONT = "font-family: Helvetica, Arial, sans-serif;"
_TEXT = f"{_FONT} font-size: 19px; line-height: 25px; color: #0b0c0c;"

# Outlook indents lists as it pleases unless they stand in a table.
_LIST_START = f'<table role="presentation" style="padding: 0 0 20px 0;"><tr><td style="{_FONT}">'
_LIST_END = "</td></tr></table>"
_LIST = "margin: 0 0 0 20px; padding: 0;"
_HEADING = f"margin: 0 0 15px 0; padding: 10px 0 0 0; {_FONT} font-weight: bold; color: #0b0c0c;"

# What stands for each tag while typography is set: styles are long and have nothing to set. The space matters,
# since words end at spaces in tags too.
_STYLED = {
    "<h2 s>": f'<h2 style="{_HEADING} font-size: 27px; line-height: 35px;">',
    "<h3 s>": f'<h3 style="{_HEADING} font-size: 19px; line-height: 25px;">',
    "<div s>": '<div style="margin: 0 0 20px 0;">'
    '<blockquote style="margin: 0; padding: 15px 0 0.1px 15px; border-left: 10px solid #b1b4b6;">',
    "</div>": "</blockquote></div>",
    "<hr s>": '<hr style="margin: 30px 0; border: 0; height: 1px; background: #b1b4b6;">',
    "<a s ": '<a style="word-wrap: break-word; color: #1d70b8;" ',
    "<ul s>": f'{_LIST_START}<ul style="{_LIST} list-style-type: disc;">',
    "<ol s>": f'{_LIST_START}<ol style="{_LIST} list-style-type: decimal;">',
    "</ul>": f"</ul>{_LIST_END}",
    "</ol>": f"</ol>{_LIST_END}",
    "<li s>": f'<li style="margin: 5px 0 5px; padding: 0 0 0 5px; {_TEXT}">',
    "<p s>": f'<p style="margin: 0 0 20px 0; {_TEXT}">',
}
_TAGS = re.compile("|".join(map(re.escape, _STYLED)))


def styled(fragment: str) -> str:
    """A fragment that ``HtmlLook`` has made, with its look in ``style`` attributes.

    In such a fragment every ``<`` of the text is escaped, so only tags are changed.
    """
    return _TAGS.sub(_with_style, fragment)


def _with_style(tag: re.Match[str]) -> str:
    return _STYLED[tag[0]]


class HtmlLook(Look):
    """Emails in HTML, still to be ``styled``. The text is escaped already."""

    gap = "<br>"
    rule = "<hr s>"
    line_break = "<br>"
    angle_brackets = False

    def paragraph(self, text: str) -> str:
        """A paragraph."""
        return f"<p s>{text}</p>"

    def heading(self, level: int, text: str) -> str:
        """A heading, one level lower than its mark: the first level is the subject's."""
        return f"<h{level + 1} s>{text}</h{level + 1}>"

    def quote(self, inside: str) -> str:
        """An inset block with a bar at its left."""
        return f"<div s>{inside}</div>"

    def list(self, *, ordered: bool, items: list[str]) -> str:
        """A list."""
        tag = "ol" if ordered else "ul"
        inside = "".join([f"<li s>{item}</li>" for item in items])
        return f"<{tag} s>{inside}</{tag}>"

    def link(self, text: str, target: str, title: str | None) -> str:
        """A link; without a text it shows its target."""
        shown = text or target
        # What is escaped for HTML may still hold the quotation mark that ends an attribute.
        hint = ' title="{}"'.format(title.replace('"', "&quot;")) if title else ""
        return f'<a s href="{link_target(target)}"{hint}>{shown}</a>'

    def address(self, address: str) -> str:
        """A web address that leads to itself."""
        return f'<a s href="{link_target(address)}">{address}</a>'
