"""Pages as they look: is there ink where none may be, and which words stand in an area."""

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

from pillarbox.letters.areas import Box, unprintable

_POINTS_PER_MM = 72 / 25.4
_PIXELS_PER_POINT = 200 / 72
_PIXELS_PER_MM = 200 / 25.4


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without space between them, and the box of the font's full height around them."""

    text: str
    box: Box

    @property
    def middle(self) -> float:
        """Half-way between top and bottom: words of one line nearly agree about it."""
        return (self.box.top + self.box.bottom) / 2


class Drawing:
    """A page of an opened PDF that can be drawn and read; positions are millimetres from the top left."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page
        self._left, _, _, self._top = page.get_mediabox()
        width, height = page.get_size()
        self._pixels = math.ceil(width * _PIXELS_PER_POINT), math.ceil(height * _PIXELS_PER_POINT)
        self._size = width / _POINTS_PER_MM, height / _POINTS_PER_MM

    def has_ink_outside(self, *, first_page: bool) -> bool:
        """Whether anything but pure white shows outside the printable areas.

        Only those parts are drawn, at 200 dots an inch: a fifth or a sixth of the page.

        Args:
            first_page: whether the areas are those of a page with an address.
        """
        return any(self._has_ink(box) for box in unprintable(*self._size, first_page=first_page))

    def text_within(self, box: Box) -> str:
        """The text whose characters touch a box, as one string."""
        text = self._page.get_textpage()
        try:
            return text.get_text_bounded(*self._in_points(box))
        finally:
            text.close()

    def lines_meeting(self, box: Box) -> list[str]:
        """The words that touch a box, joined line by line from the top, compatibility characters resolved."""
        words = sorted((w for w in self._words() if w.box.meets(box)), key=lambda word: word.middle)
        lines: list[list[Word]] = []
        for word in words:
            if lines and word.box.top < lines[-1][0].middle < word.box.bottom:
                lines[-1].append(word)
            else:
                lines.append([word])
        return [_as_text(line) for line in lines]

    def _has_ink(self, box: Box) -> bool:
        width, height = self._pixels
        left, top = math.ceil(box.left * _PIXELS_PER_MM), math.ceil(box.top * _PIXELS_PER_MM)
        right = min(width, _last_pixel(box.right, self._size[0], width))
        bottom = min(height, _last_pixel(box.bottom, self._size[1], height))
        if right <= left or bottom <= top:
            return False
        # Half a pixel less, since the library rounds what it is told to cut off upwards.
        sides = (left, height - bottom, width - right, top)
        cut = [max(0.0, (side - 0.5) / _PIXELS_PER_POINT) for side in sides]
        return _not_white(self._page.render(_PIXELS_PER_POINT, crop=(cut[0], cut[1], cut[2], cut[3])))

    def _in_points(self, box: Box) -> tuple[float, float, float, float]:
        return (
            self._left + box.left * _POINTS_PER_MM,
            self._top - box.bottom * _POINTS_PER_MM,
            self._left + box.right * _POINTS_PER_MM,
            self._top - box.top * _POINTS_PER_MM,
        )

    def _words(self) -> Iterator[Word]:
        text = self._page.get_textpage()
        try:
            word: list[tuple[str, Box]] = []
            for index in range(text.count_chars()):
                character = _character(text, index)
                if character.isspace():
                    yield from _finished(word)
                    word = []
                elif character:
                    word.append((character, self._in_millimetres(text.get_charbox(index, loose=True))))
            yield from _finished(word)
        finally:
            text.close()

    def _in_millimetres(self, points: tuple[float, float, float, float]) -> Box:
        left, bottom, right, top = points
        return Box(
            (left - self._left) / _POINTS_PER_MM,
            (self._top - top) / _POINTS_PER_MM,
            (right - self._left) / _POINTS_PER_MM,
            (self._top - bottom) / _POINTS_PER_MM,
        )


def _last_pixel(edge: float, limit: float, pixels: int) -> int:
    """The pixel where an edge falls; the page's own edge takes in a last, partly covered pixel."""
    return pixels if edge >= limit else math.floor(edge * _PIXELS_PER_MM)


def _not_white(bitmap: pypdfium2.PdfBitmap) -> bool:
    """Whether any colour of any pixel is less than full; rows may end in padding, which is passed over."""
    pixels = memoryview(bitmap.buffer).cast("B")
    row = bitmap.width * bitmap.n_channels
    white = b"\xff" * row
    starts = range(0, bitmap.height * bitmap.stride, bitmap.stride)
    try:
        return any(pixels[start : start + row] != white for start in starts)
    finally:
        bitmap.close()


def _character(text: pypdfium2.PdfTextPage, index: int) -> str:
    """One character; empty for what has no meaning as text."""
    if raw.FPDFText_IsHyphen(text, index) == 1:
        return "-"
    code = raw.FPDFText_GetUnicode(text, index)
    known = 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if known else ""


def _finished(word: list[tuple[str, Box]]) -> Iterator[Word]:
    if not word:
        return
    boxes = [box for _, box in word]
    around = Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
    yield Word("".join(character for character, _ in word), around)


def _as_text(line: list[Word]) -> str:
    in_order = sorted(line, key=lambda word: word.box.left)
    return unicodedata.normalize("NFKD", " ".join(word.text for word in in_order))
