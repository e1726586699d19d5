"""The look of emails in HTML: a fragment with inline styles, since many email programs know nothing else."""

from pillarbox.content.links import link_target
from pillarbox.content.markdown import Look

_FONT = "font-family: Helvetica, Arial, sans-serif;"
_TEXT = f"{_FONT} font-size: 19px; line-height: 25px; color: #0b0c0c;"

_PARAGRAPH = f'<p style="margin: 0 0 20px 0; {_TEXT}">'
_HEADINGS = {
    1: f'<h2 style="margin: 0 0 15px 0; padding: 10px 0 0 0; {_FONT} font-size: 27px; line-height: 35px; '
    'font-weight: bold; color: #0b0c0c;">',
    2: f'<h3 style="margin: 0 0 15px 0; padding: 10px 0 0 0; {_FONT} font-size: 19px; line-height: 25px; '
    'font-weight: bold; color: #0b0c0c;">',
}
_QUOTE = (
    '<div style="margin: 0 0 20px 0;"><blockquote style="margin: 0; padding: 15px 0 0.1px 15px; '
    'border-left: 10px solid #b1b4b6;">'
)
_RULE = '<hr style="margin: 30px 0; border: 0; height: 1px; background: #b1b4b6;">'
_LINK = '<a style="word-wrap: break-word; color: #1d70b8;"'
# Outlook indents lists as it pleases unless they stand in a table.
_LIST_START = f'<table role="presentation" style="padding: 0 0 20px 0;"><tr><td style="{_FONT}">'
_LIST_END = "</td></tr></table>"
_LISTS = {
    False: '<ul style="margin: 0 0 0 20px; padding: 0; list-style-type: disc;">',
    True: '<ol style="margin: 0 0 0 20px; padding: 0; list-style-type: decimal;">',
}
_ITEM = f'<li style="margin: 5px 0 5px; padding: 0 0 0 5px; {_TEXT}">'


class HtmlLook(Look):
    """Emails in HTML. The text is escaped already."""

    gap = "<br>"
    rule = _RULE
    line_break = "<br>"
    angle_brackets = False

    def paragraph(self, text: str) -> str:
        """A paragraph."""
        return f"{_PARAGRAPH}{text}</p>"

    def heading(self, level: int, text: str) -> str:
        """A heading, one level lower than its mark: the first level is the subject's."""
        return f"{_HEADINGS[level]}{text}</h{level + 1}>"

    def quote(self, inside: str) -> str:
        """An inset block with a bar at its left."""
        return f"{_QUOTE}{inside}</blockquote></div>"

    def list(self, *, ordered: bool, items: list[str]) -> str:
        """A list."""
        inside = "".join([f"{_ITEM}{item}</li>" for item in items])
        tag = "ol" if ordered else "ul"
        return f"{_LIST_START}{_LISTS[ordered]}{inside}</{tag}>{_LIST_END}"

    def link(self, text: str, target: str, title: str | None) -> str:
        """A link; without a text it shows its target."""
        shown = text or target
        # What is escaped for HTML may still hold the quotation mark that ends an attribute.
        hint = ' title="{}"'.format(title.replace('"', "&quot;")) if title else ""
        return f'{_LINK} href="{link_target(target)}"{hint}>{shown}</a>'

    def address(self, address: str) -> str:
        """A web address that leads to itself."""
        return f'{_LINK} href="{link_target(address)}">{address}</a>'
