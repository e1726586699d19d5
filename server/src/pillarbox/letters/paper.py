"""The structure of a PDF letter: can it be read, how many pages, how large and which way up."""

from dataclasses import dataclass
from io import BytesIO

import pikepdf

_MM = 72 / 25.4
_A4 = (210.0, 297.0)
_PLAY = 2.0
_MAX_PAGES = 10


class UnreadablePdf(Exception):  # noqa: N818 - a finding about the sender's file, not a fault of ours
    """The bytes are no PDF, a damaged one, or one that asks for a password."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: its size in millimetres as stored, and how far it is turned when shown."""

    width: float
    height: float
    rotation: int

    @property
    def is_a4_portrait(self) -> bool:
        """A4 standing upright when shown, give or take two millimetres."""
        width, height = (self.width, self.height) if self.rotation % 180 == 0 else (self.height, self.width)
        return abs(width - _A4[0]) <= _PLAY and abs(height - _A4[1]) <= _PLAY


@dataclass(frozen=True, slots=True)
class Paper:
    """What a PDF is made of, and a plain copy of it to draw.

    `sheets` and `plain` are empty for a letter of too many pages: nobody looks further into it.
    In the copy no page is turned or cropped, and nothing is encrypted.
    """

    page_count: int
    sheets: tuple[Sheet, ...]
    plain: bytes

    @property
    def too_long(self) -> bool:
        """More pages than fit into the envelope."""
        return self.page_count > _MAX_PAGES


def read_paper(pdf: bytes) -> Paper:
    """Open a PDF and describe its pages.

    Args:
        pdf: the file as it was uploaded, of any content.

    Raises:
        UnreadablePdf: the bytes are no readable PDF, need a password, or hold no page.
    """
    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            return _describe(document)
    except (
        pikepdf.PdfError,
        pikepdf.PasswordError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RuntimeError,
    ) as error:
        # The library reports broken structure in all these ways, by what it met while following it.
        raise UnreadablePdf(str(error)) from error


def _describe(document: pikepdf.Pdf) -> Paper:
    count = len(document.pages)
    if count == 0:
        raise UnreadablePdf("no pages")
    if count > _MAX_PAGES:
        return Paper(count, (), b"")
    sheets = tuple(_lay_flat(page) for page in document.pages)
    return Paper(count, sheets, _saved(document))


def _lay_flat(page: pikepdf.Page) -> Sheet:
    """Describe a page, then undo what hides or turns its content: the checks are about stored positions."""
    x1, y1, x2, y2 = (float(number) for number in page.mediabox.as_list())
    # Inherited values are not always whole quarters; what is not, viewers ignore.
    rotation = int(page.rotation) % 360
    page.obj.MediaBox = page.obj.CropBox = pikepdf.Array([min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)])
    page.obj.Rotate = 0
    return Sheet(abs(x2 - x1) / _MM, abs(y2 - y1) / _MM, rotation)


def _saved(document: pikepdf.Pdf) -> bytes:
    copy = BytesIO()
    # Streams stay as they are: unpacking them here would let a small file grow without bound.
    document.save(
        copy,
        encryption=False,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    return copy.getvalue()
