"""The page around an email: a column that fits phones, a band with the sender's name, dark colours at night.

Outlook draws with Word, which knows tables but neither ``max-width`` nor ``<style>`` rules worth the name, so the
column is a table and everything that matters stands in ``style`` attributes. The rules in the head only add
what other programs can do: narrow screens and dark mode.
"""

import html
import re
from dataclasses import dataclass

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_BLACK, _WHITE = "#000000", "#ffffff"
_FONT = "font-family: Helvetica, Arial, sans-serif;"

_HEAD = """\
<!DOCTYPE html>
<html lang="{language}" dir="auto">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<!--[if mso]><style>table {{ border-collapse: collapse; }} td {{ font-family: Arial, sans-serif; }}</style><![endif]-->
<style>
:root {{ color-scheme: light dark; supported-color-schemes: light dark; }}
body {{ -webkit-text-size-adjust: 100%; -ms-text-size-adjust: 100%; }}
@media (prefers-color-scheme: dark) {{
  body, .page, .column {{ background: #121314 !important; }}
  .column p, .column li, .column h2, .column h3 {{ color: #f3f2f1 !important; }}
  .column a {{ color: #8ec1f0 !important; }}
  .column hr {{ background: #505a5f !important; }}
}}
</style>
</head>
<body style="margin: 0; padding: 0; background: #ffffff;">
"""
# Hidden from the page; inboxes show it beside the subject. The blanks keep them from going on with the body.
_PREHEADER = """\
<div style="display: none; max-height: 0; overflow: hidden; mso-hide: all;">{preheader}{blanks}</div>
"""
_BAND = """\
<tr><td style="padding: 15px; background: {colour};">
<p style="margin: 0; {font} font-size: 24px; line-height: 32px; font-weight: bold; color: {ink};">{logo}{name}</p>
</td></tr>
"""
_LOGO = (
    '<img src="{url}" alt="" height="32" '
    'style="height: 32px; border: 0; padding-right: 10px; vertical-align: middle;">'
)
_COLUMN = """\
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="background: #ffffff;">
<tr><td align="center" style="padding: 0;">
<!--[if mso]><table role="presentation" width="580" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
<table role="presentation" class="column" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width: 580px; text-align: left; background: #ffffff;">
{band}<tr><td style="padding: 30px 15px; {font} font-size: 19px; line-height: 25px; color: #0b0c0c;">
{body}
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
"""


@dataclass(frozen=True)
class Branding:
    """Whose email it is: a band above the text.

    Args:
        name: the sender's name.
        logo_url: where email programs get the sender's logo, if there is one.
        colour: the band's colour, as ``#`` and six hexadecimal digits.

    Raises:
        ValueError: the colour is none, or the logo's address does not start with ``https://``.
    """

    name: str
    logo_url: str | None = None
    colour: str = "#1d3557"

    def __post_init__(self) -> None:
        if not _COLOUR.fullmatch(self.colour):
            raise ValueError(f"Not a colour of the form #1d3557: {self.colour}")
        if self.logo_url is not None and not self.logo_url.startswith("https://"):
            raise ValueError(f"Logos are shown from https:// only: {self.logo_url}")

    @property
    def ink(self) -> str:
        """Black or white, whichever is easier to read on the band; one of them always has enough contrast."""
        return max(_BLACK, _WHITE, key=lambda ink: contrast(ink, self.colour))


def html_document(
    body: str,
    *,
    subject: str,
    preheader: str = "",
    branding: Branding | None = None,
    language: str = "en",
) -> str:
    """The whole HTML part of an email.

    Args:
        body: the body as an ``EmailTemplate`` renders it to HTML.
        subject: the subject as plain text, for the page's title.
        preheader: the first words as an ``EmailTemplate`` gives them, escaped for HTML.
        branding: whose email it is; without it there is no band.
        language: the language of the text, for screen readers.
    """
    head = _HEAD.format(language=html.escape(language), subject=html.escape(subject))
    hidden = _PREHEADER.format(preheader=preheader, blanks="&#847;&zwnj;&nbsp;" * 40) if preheader else ""
    band = _band(branding) if branding else ""
    return head + hidden + _COLUMN.format(band=band, font=_FONT, body=body)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2: 4.5 is enough for text, 21 is black on white."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _band(branding: Branding) -> str:
    logo = _LOGO.format(url=html.escape(branding.logo_url)) if branding.logo_url else ""
    return _BAND.format(
        colour=branding.colour, ink=branding.ink, font=_FONT, logo=logo, name=html.escape(branding.name)
    )


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
