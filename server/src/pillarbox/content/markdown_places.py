"""Searching a text for the same things again and again without walking it again and again."""

import re
from collections.abc import Callable


def remembering(pattern: re.Pattern[str], text: str) -> Callable[[int], int]:
    """Search a text from different starts.

    Args:
        pattern: what is sought.
        text: where it is sought.

    Returns:
        A function from a start to the place of the next match, or -1. It answers from memory as long as it
        would find the same place again, so starts that follow each other cost one walk together.
    """
    first, place = 0, -2

    def search(start: int) -> int:
        nonlocal first, place
        known = place != -2 and first <= start and (place == -1 or start <= place)
        if not known:
            match = pattern.search(text, start)
            first, place = start, match.start() if match else -1
        return place

    return search
