from itertools import combinations

import pytest

from pillarbox.letters.areas import TOLERANCE, Box, printable, unprintable


def area(boxes: list[Box]) -> float:
    return sum((box.right - box.left) * (box.bottom - box.top) for box in boxes)


@pytest.mark.parametrize("first_page", [True, False])
def test_what_must_stay_white_does_not_overlap_and_leaves_the_areas_free(first_page) -> None:
    white = unprintable(210, 297, first_page=first_page)
    areas = [box.widened(TOLERANCE) for box in printable(first_page=first_page)]
    assert not any(one.meets(other) for one, other in combinations(white, 2))
    assert not any(box.meets(allowed) for box in white for allowed in areas)


def test_a_later_page_keeps_its_four_margins_white() -> None:
    assert area(unprintable(210, 297, first_page=False)) == pytest.approx(210 * 297 - 182 * 289)


@pytest.mark.parametrize(
    ("mark", "allowed"),
    [
        (Box(14.1, 200, 15, 201), True),
        (Box(13.5, 200, 15, 201), False),
        (Box(30, 67.5, 31, 68), False),
        (Box(24, 50, 25, 51), True),
        (Box(122, 50, 123, 51), False),
        (Box(130, 50, 131, 51), True),
        (Box(209.5, 100, 209.9, 101), False),
    ],
)
def test_a_mark_on_the_first_page_is_allowed_or_not(mark: Box, allowed) -> None:
    white = unprintable(210, 297, first_page=True)
    assert any(mark.meets(box) for box in white) is not allowed


def test_a_page_smaller_than_the_areas_has_nothing_that_must_stay_white_inside_them() -> None:
    assert unprintable(10, 3, first_page=False) == [Box(0, 0, 10, 3)]
