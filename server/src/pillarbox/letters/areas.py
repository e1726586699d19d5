"""Where ink may be on a page: boxes in millimetres, counted from the top left corner."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres; `top` is nearer to the top edge of the page than `bottom`."""

    left: float
    top: float
    right: float
    bottom: float

    def widened(self, by: float) -> "Box":
        """The box with every side moved outwards by so many millimetres."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def meets(self, other: "Box") -> bool:
        """Whether the two boxes have some area in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


# An envelope is printed and inserted with some play; ink this far outside an area is still let through.
TOLERANCE = 1.0

ADDRESS_WINDOW = Box(24.6, 39.5, 120, 66.3)
NOTIFY_TAG = Box(0, 0, 15.191, 6.149)

_FIRST_PAGE = (
    Box(15, 95, 195, 292),  # body
    Box(125, 5, 195, 95),  # the sender's own address
    Box(15, 5, 125, 30),  # logo
    ADDRESS_WINDOW,
)
_LATER_PAGES = (Box(15, 5, 195, 292),)


def printable(*, first_page: bool) -> tuple[Box, ...]:
    """The areas of a page that may carry ink, as they are shown to people (without the tolerance)."""
    return _FIRST_PAGE if first_page else _LATER_PAGES


def unprintable(width: float, height: float, *, first_page: bool) -> list[Box]:
    """The rest of a page: boxes that must stay white, which together with the areas cover the page.

    Args:
        width: of the page, in millimetres.
        height: of the page, in millimetres.
        first_page: whether the page carries the address; attachments have no such page.

    Returns:
        Boxes that do not overlap, from the top of the page to its bottom.
    """
    areas = [area.widened(TOLERANCE) for area in printable(first_page=first_page)]
    rows = sorted({0.0, height, *_between((edge for a in areas for edge in (a.top, a.bottom)), height)})
    return [
        Box(left, top, right, bottom)
        for top, bottom in pairwise(rows)
        for left, right in _gaps([a for a in areas if a.top <= top and bottom <= a.bottom], width)
    ]


def _between(edges: Iterable[float], limit: float) -> Iterator[float]:
    return (edge for edge in edges if 0 < edge < limit)


def _gaps(areas: Sequence[Box], width: float) -> Iterator[tuple[float, float]]:
    reached = 0.0
    for area in sorted(areas, key=lambda area: area.left):
        if area.left > reached:
            yield reached, area.left
        reached = max(reached, area.right)
    if reached < width:
        yield reached, width
