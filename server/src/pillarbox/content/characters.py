"""Characters: the invisible ones people paste in, and the few that texts and printers can carry."""

import re
import unicodedata

ZERO_WIDTH = "\u180e\u200b\u200c\u200d\u2060\ufeff\u2028\u2029"
FULL_WIDTH = "\u00a0\u202f"
ASCII_WHITESPACE = " \t\n\r\v\f"
ALL_WHITESPACE = ZERO_WIDTH + FULL_WIDTH + ASCII_WHITESPACE

# By their codes from 0 to 127 in the default alphabet of GSM 03.38; the escape is no character of its own.
GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_WELSH_LOWER = "àèìòùẁỳáéíóúẃýäëïöüẅÿâêîôûŵŷ"
EXTENDED_GSM = "^{}\\[~]|€"
WELSH = frozenset(_WELSH_LOWER + _WELSH_LOWER.upper())
UNICODE_ONLY = WELSH - frozenset(GSM_BASIC)
SENDABLE = frozenset(GSM_BASIC + EXTENDED_GSM) | WELSH
_PRINTABLE_ASCII = frozenset(map(chr, range(0x20, 0x7F)))

_REPLACEMENTS = {
    **dict.fromkeys("\u2011\u2013\u2014\u2212", "-"),
    "…": "...",
    **dict.fromkeys("‘’‚", "'"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys(ZERO_WIDTH, ""),
    **dict.fromkeys(FULL_WIDTH + "\t", " "),
    "Ł": "L",
    "ł": "l",
}

# No character outside these has a canonical decomposition that starts with a letter we can send.
_DECOMPOSABLE = range(0x80, 0x3000)


class _Downgrade(dict[int, str]):
    """A table for str.translate: what is allowed stays, what has a plainer form gets it, the rest is '?'."""

    def __init__(self, allowed: frozenset[str]) -> None:
        bases = ((code, _base(chr(code))) for code in _DECOMPOSABLE)
        super().__init__((code, base) for code, base in bases if base in allowed)
        self.update((ord(character), plainer) for character, plainer in _REPLACEMENTS.items())
        self.update((ord(character), character) for character in allowed)

    def __missing__(self, code: int) -> str:
        # Not remembered: text from outside must not make the table grow.
        return "?"


def _base(character: str) -> str:
    """The first code point of the canonical decomposition, one level deep; empty if there is none."""
    decomposition = unicodedata.decomposition(character)
    if not decomposition or decomposition.startswith("<"):
        return ""
    return chr(int(decomposition.split()[0], 16))


_TO_GSM = _Downgrade(SENDABLE)
_TO_ASCII = _Downgrade(_PRINTABLE_ASCII)

# Looking whether there is anything to do is several times cheaper than translating text that has nothing.
_NOT_SENDABLE = re.compile(f"[^{re.escape(''.join(sorted(SENDABLE)))}]+")
_OBSCURE = re.compile(f"[{ZERO_WIDTH}{FULL_WIDTH}]")
_DELETE_OBSCURE = dict.fromkeys(map(ord, ZERO_WIDTH + FULL_WIDTH))
_WIDTHS = {**dict.fromkeys(map(ord, FULL_WIDTH), " "), **dict.fromkeys(map(ord, ZERO_WIDTH))}

# The look-behind and the possessive repeat make each run of spaces be read once only.
_SPACE_BEFORE_STOP = re.compile(r"(?<![ \t])[ \t]++(?=[,.])")


def strip_obscure(text: str) -> str:
    """Remove invisible characters and no-break spaces anywhere, and white space at both ends.

    Contract: content rules, section 0, "strip-obscure".
    """
    if not text.isascii() and _OBSCURE.search(text):
        text = text.translate(_DELETE_OBSCURE)
    return text.strip(ASCII_WHITESPACE)


def normalise_whitespace(text: str) -> str:
    """One line with single spaces between its words and none around them.

    Contract: content rules, section 0, "normalise whitespace".
    """
    if not text.isascii() and _OBSCURE.search(text):
        text = text.translate(_WIDTHS)
    return " ".join(text.split())


def tidy_punctuation(text: str) -> str:
    """Remove spaces and tabs directly before a comma or a full stop.

    Contract: content rules, section 0, "tidy punctuation".
    """
    if " ." in text or " ," in text or "\t" in text:
        return _SPACE_BEFORE_STOP.sub("", text)
    return text


def to_gsm(text: str) -> str:
    """The text in characters that text messages carry: GSM 03.38 and the letters of Welsh.

    Accents that cannot be sent are dropped, typographic signs become plain ones, and whatever has no plainer
    form becomes a question mark. Contract: content rules, section 5, "Encoding".
    """
    return _NOT_SENDABLE.sub(_sendable, text)


def _sendable(characters: re.Match[str]) -> str:
    return characters[0].translate(_TO_GSM)


def to_ascii(text: str) -> str:
    """The text in printable ASCII, by the same rules as for text messages.

    Contract: content rules, sections 1 and 3, "downgraded to ASCII".
    """
    return text.translate(_TO_ASCII)


def replaced_by_question_mark(text: str) -> list[str]:
    """The different characters that a text message cannot carry in any form, sorted."""
    return sorted(character for character in set(text) if character != "?" and to_gsm(character) == "?")


def forcing_unicode(text: str) -> list[str]:
    """The different characters that make a whole message be sent as Unicode, as they first appear."""
    return [character for character in dict.fromkeys(text) if character in UNICODE_ONLY]
