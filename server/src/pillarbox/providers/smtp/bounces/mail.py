"""Taking a message apart far enough to read a bounce: leniently, in linear time, whatever it holds.

The standard library's parser takes time that grows with the square of what a hostile message nests, and raises here
and there; a bounce needs no more than headers, parts and their text (RFC 5322, RFC 2045, RFC 2046).
"""

import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MOST_READ = 262_144  # bytes of a message; what a bounce says stands before the email that it returns
_MOST_PARTS = 50
_DEEPEST = 4  # multiparts within each other
_LONGEST_HEAD = 65_536
_FOLD = re.compile(r"\n[ \t]+")


@dataclass(frozen=True)
class Part:
    """A message or a part of one.

    Attributes:
        headers: names in lower case; the first of each.
        body: what stands behind the headers, as it travels, with LF line ends.
    """

    headers: Mapping[str, str]
    body: str

    @property
    def kind(self) -> str:
        """The content type in lower case, without its parameters."""
        return self.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()

    def parameter(self, name: str) -> str | None:
        """Return a parameter of the content type."""
        content_type = self.headers.get("content-type", "")[:1000]
        found = re.search(rf';\s*{name}\s*=\s*(?:"([^"]*)"|([^\s;"]+))', content_type, re.IGNORECASE)
        return (found[1] or found[2]) if found else None

    @property
    def text(self) -> str:
        """The body as it was before it was encoded for the journey."""
        encoding = self.headers.get("content-transfer-encoding", "").strip().lower()
        if encoding == "quoted-printable":
            return _decoded(quopri.decodestring(self.body.encode()))
        if encoding == "base64":
            return _from_base64(self.body)
        return self.body

    def leaves(self, depth: int = 0) -> Iterator["Part"]:
        """Yield the parts that have no parts themselves, in order; of a message without parts, itself."""
        boundary = self.parameter("boundary") if self.kind.startswith("multipart/") else None
        if not boundary or depth == _DEEPEST:
            yield self
            return
        edge = re.compile(rf"^--{re.escape(boundary)}(?:--)?[ \t]*$", re.MULTILINE)
        for piece in edge.split(self.body, _MOST_PARTS)[1:]:
            yield from read_part(piece.removeprefix("\n")).leaves(depth + 1)


def read_mail(raw: bytes) -> Part:
    """Return a message; of a long one the beginning."""
    return read_part(_decoded(raw[:MOST_READ]))


def read_part(text: str) -> Part:
    """Return a part from its text, whose lines end in LF."""
    if text.startswith("\n"):
        return Part({}, text[1:])
    head, _, body = text.partition("\n\n")
    return Part(fields(head[:_LONGEST_HEAD]), body)


def fields(head: str) -> dict[str, str]:
    """Return header fields: names in lower case, the first of each."""
    found: dict[str, str] = {}
    for line in _FOLD.sub(" ", head).split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _from_base64(body: str) -> str:
    try:
        return _decoded(binascii.a2b_base64(f"{body}==".encode()))  # it may have been cut short
    except binascii.Error:
        return ""


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
