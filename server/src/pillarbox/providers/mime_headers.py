"""Values of email headers: folded and encoded so that nothing in them is lost or ends a header (RFC 5322, RFC 2047).

The standard library's own folding takes quotes from long names and encodes words within URLs.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote

_LINE = 76
_LONGEST_LINE = 900  # 998 is the most that servers must take
_WORD_BYTES = 39  # makes an encoded word of 64 characters, which leaves room for a header's name before it
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def text(value: str, taken: int) -> str:
    """Return what stands for a text behind `taken` characters of its line."""
    line = _one_line(value)
    if not _is_plain(line) or max(map(len, line.split(" "))) > _LONGEST_LINE:
        return _encoded(line)
    return _folded(line, taken)


def mailbox(name: str, address: str) -> str:
    """Return a name with its address.

    Raises:
        UnicodeError: if the address cannot be written in ASCII.
    """
    line = _one_line(name)
    if not line:
        return address_in_ascii(address)
    escaped = re.sub(r'([\\"])', r"\\\1", line)
    shown = f'"{escaped}"' if _is_plain(line) and len(escaped) < _LINE - 10 else _encoded(line)
    return (
        f"{shown}\r\n <{address_in_ascii(address)}>"
        if len(shown) > 30
        else f"{shown} <{address_in_ascii(address)}>"
    )


def url(value: str) -> str:
    """Return a URL, in angle brackets or not, with what is not ASCII in percents."""
    line = quote(_one_line(value), safe=_PRINTABLE + " ")
    return "\r\n ".join(line[start : start + _LONGEST_LINE] for start in range(0, len(line), _LONGEST_LINE))


def address_in_ascii(address: str) -> str:
    """Return the address as it stands in a header: its domain in ASCII, its local part quoted if it has to be.

    Raises:
        UnicodeError: if the local part is not ASCII.
    """
    local, _, domain = address.rpartition("@")
    local.encode("ascii")
    odd = local.startswith(".") or local.endswith(".") or "=?" in local
    return f'"{local}"@{domain_in_ascii(domain)}' if odd else f"{local}@{domain_in_ascii(domain)}"


def domain_in_ascii(domain: str) -> str:
    """Return the domain in ASCII (IDNA 2003, as addresses are checked)."""
    return domain if domain.isascii() else domain.encode("idna").decode()


def _one_line(value: str) -> str:
    return _BREAKS.sub(" ", value).strip(" ")


def _is_plain(line: str) -> bool:
    """Whether it may stand as it is; what looks like an encoded word would be decoded."""
    return line.isascii() and "=?" not in line


def _folded(line: str, taken: int) -> str:
    lines, used = [""], taken
    for word in line.split(" "):
        if lines[-1] and used + 1 + len(word) > _LINE:
            lines.append("")
            used = 0
        lines[-1] += f" {word}" if lines[-1] else word
        used += 1 + len(word)
    return "\r\n ".join(lines)


def _encoded(line: str) -> str:
    words = (b64encode(chunk).decode() for chunk in _chunks(line))
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _chunks(line: str) -> Iterator[bytes]:
    """No character may be torn apart."""
    chunk = b""
    for character in line:
        encoded = character.encode()
        if len(chunk) + len(encoded) > _WORD_BYTES:
            yield chunk
            chunk = b""
        chunk += encoded
    yield chunk
