"""The look of printed letters as HTML, before they are typeset, and the QR codes in them."""

import re
from typing import NamedTuple

from pillarbox.content.emails_plain import unescaped
from pillarbox.content.markdown import Look, show
from pillarbox.content.typography import set_typography

QR_CODE_LIMIT = 504

_QR_CODE = re.compile(r"\s*QR\s*:\s*(.+)", re.IGNORECASE | re.DOTALL)
_BOLD_ADDRESS = re.compile(r"<strong data-original-protocol='(https?://)'>(.*?)</strong>")
_PLACEHOLDER = "<span class='placeholder"

# Stands for a QR code until the hyphens are changed. No text has it: there, "<" is escaped.
_STAND_IN = re.compile(r"<qr([0-9]+)>")
_HYPHEN, _HYPHEN_THAT_DOES_NOT_BREAK = "-", "\u2011"

_UNFILLED_QR_CODE = """
<div class='qrcode-placeholder'>
    <div class='qrcode-placeholder-border'></div>
    <div class='qrcode-placeholder-content'>
        <span class='qrcode-placeholder-content-background'>{}</span>
    </div>
</div>
"""


class QrCodeTooLong(NamedTuple):
    """A QR code with so much data that phones would not read it in print.

    Contract: public API, "POST letter, templated".
    """

    data: str
    num_bytes: int
    max_bytes: int = QR_CODE_LIMIT

    @property
    def message(self) -> str:
        """What callers are told."""
        return "Cannot create a usable QR code - the link is too long"


class LetterBody(NamedTuple):
    """The body of a letter ready to be typeset."""

    html: str
    """HTML in which ``<div class='qrcode'>{QR1}</div>`` is the place of the first QR code, and so on."""
    qr_payloads: list[str]
    """What the QR codes hold, in their order."""
    qr_code_too_long: QrCodeTooLong | None
    """The first QR code that is over the limit; such a letter must not be printed."""


def letter_body(filled: str) -> LetterBody:
    """A letter's body from its Markdown, escaped for HTML and with its placeholders filled.

    Contract: content rules, section 7.
    """
    look = _LetterLook()
    html = set_typography(show(filled, look)).replace(_HYPHEN, _HYPHEN_THAT_DOES_NOT_BREAK)
    codes = _Codes(look.qr_data)
    html = _STAND_IN.sub(codes.shown, html)
    return LetterBody(html, codes.payloads, _first_too_long(look.qr_data))


def _first_too_long(data: list[str]) -> QrCodeTooLong | None:
    sizes = ((text, len(text.encode("utf-8", "surrogatepass"))) for text in data)
    return next((QrCodeTooLong(text, size) for text, size in sizes if size > QR_CODE_LIMIT), None)


class _Codes:
    def __init__(self, data: list[str]) -> None:
        self.data = data
        self.payloads: list[str] = []

    def shown(self, stand_in: re.Match[str]) -> str:
        data = self.data[int(stand_in[1])]
        if _PLACEHOLDER in data:
            return _UNFILLED_QR_CODE.format(data)
        self.payloads.append(unescaped(data))
        return f"<div class='qrcode'>{{QR{len(self.payloads)}}}</div>"


class _LetterLook(Look):
    """Letters. Nobody clicks on paper, so links are shown as they are written and addresses in bold."""

    gap = "<br>"
    rule = '<div class="page-break">&nbsp;</div>'
    line_break = "<br>"
    angle_brackets = False

    def __init__(self) -> None:
        self.qr_data: list[str] = []

    def paragraph(self, text: str) -> str:
        """A paragraph, or a QR code if it says so."""
        code = _QR_CODE.fullmatch(text)
        if not code:
            return f"<p>{text}</p>"
        self.qr_data.append(_BOLD_ADDRESS.sub(r"\1\2", code[1]))
        return f"<p><qr{len(self.qr_data) - 1}></p>"

    def heading(self, level: int, text: str) -> str:
        """A heading; there is one level, since the subject is the heading of the letter itself."""
        if level == 1:
            return f"<h2>{text}</h2>\n"
        return self.paragraph(text) if text.strip() else ""

    def quote(self, inside: str) -> str:
        """Nothing sets a quote apart here."""
        return inside

    def list(self, *, ordered: bool, items: list[str]) -> str:
        """A list."""
        tag = "ol" if ordered else "ul"
        inside = "".join([f"<li>{item}</li>\n" for item in items])
        return f"<{tag}>\n{inside}</{tag}>\n"

    def link(self, text: str, target: str, title: str | None) -> str:
        """The link as it is written."""
        hint = f' "{title}"' if title else ""
        return f"[{text}]({target}{hint})"

    def address(self, address: str) -> str:
        """The address in bold, without the part that people do not type."""
        scheme, _, rest = address.partition("://")
        return f"<strong data-original-protocol='{scheme}://'>{rest}</strong>"
