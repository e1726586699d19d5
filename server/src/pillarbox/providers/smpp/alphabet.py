"""Characters as octets: the default alphabet of GSM 03.38, UCS-2, and whatever else phones send (SMPP 3.4, 5.2.19)."""

from pillarbox.content.characters import EXTENDED_GSM, GSM_BASIC

GSM, UCS2 = 0, 8
ESCAPE = b"\x1b"

_EXTENDED_CODES = b"\x14()/<=>@e"  # of the characters in EXTENDED_GSM
_TO_GSM = {
    **{ord(character): chr(code) for code, character in enumerate(GSM_BASIC)},
    **{ord(c): f"\x1b{chr(code)}" for c, code in zip(EXTENDED_GSM, _EXTENDED_CODES, strict=True)},
    0x1B: " ",  # phones show a space for an escape that leads nowhere
}
_IN_GSM = frozenset(map(chr, _TO_GSM))
_FROM_GSM = dict(enumerate(GSM_BASIC))
_FROM_EXTENDED = {chr(code): c for c, code in zip(EXTENDED_GSM, _EXTENDED_CODES, strict=True)} | {"\n": "\f"}

_CODINGS = {
    1: "ascii",
    3: "latin-1",
    4: "latin-1",
    5: "shift-jis",
    6: "iso8859-5",
    7: "iso8859-8",
    8: "utf-16-be",
}
_ALPHABETS = {0: "gsm", 1: "latin-1", 2: "utf-16-be"}


def encode(text: str) -> tuple[int, bytes]:
    """Return a text's data_coding and its octets: a septet in each where GSM has all characters, UCS-2 otherwise."""
    if _IN_GSM.issuperset(text):
        return GSM, text.translate(_TO_GSM).encode("ascii")
    return UCS2, text.encode("utf-16-be", "replace")


def decode(octets: bytes, data_coding: int) -> str:
    """Return the text that octets stand for; what stands for nothing is shown as �, and NUL is left out."""
    codec = _codec(data_coding)
    text = _from_gsm(octets) if codec == "gsm" else octets.decode(codec, "replace")
    return text.replace("\0", "")


def _codec(data_coding: int) -> str:
    """SMPP numbers some alphabets itself; above those it takes over GSM 03.38's coding groups with their classes."""
    if data_coding in _CODINGS:
        return _CODINGS[data_coding]
    if data_coding & 0xF0 == 0xF0:
        return _ALPHABETS[data_coding >> 2 & 1]
    return _ALPHABETS.get(data_coding >> 2 & 3, "gsm") if 0x10 <= data_coding < 0x40 else "gsm"


def _from_gsm(octets: bytes) -> str:
    """Octets above 127 are none of GSM's; those who send them mean Latin 1."""
    first, *escaped = octets.decode("latin-1").split("\x1b")
    return first.translate(_FROM_GSM) + "".join(map(_escaped, escaped))


def _escaped(text: str) -> str:
    """An unknown code after an escape is shown as if there were no escape."""
    if text[:1] in _FROM_EXTENDED:
        return _FROM_EXTENDED[text[0]] + text[1:].translate(_FROM_GSM)
    return text.translate(_FROM_GSM) or " "
