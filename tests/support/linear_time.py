"""Showing that something takes time in proportion to the size of what it is given."""

import gc
import time
from collections.abc import Callable

MEGABYTE = 1_000_000
_ATTEMPTS = 4
# Four times the work may take eight times as long, since caches are small and machines are shared; six and a half
# was seen where ever larger sizes show a straight line. A quadratic step would take sixteen times.
_ALLOWED = 8.0
# Below this, what is measured is mostly the machine.
_NOISE = 0.02


def assert_linear(work: Callable[[str], object], pattern: str, size: int = MEGABYTE) -> None:
    """Fail if four times as much of a repeated pattern takes much more than four times as long.

    Smaller sizes come first, so that something quadratic fails within seconds instead of running for hours.

    Args:
        work: what is measured.
        pattern: what is repeated to make a text.
        size: the length of the last text but one; the last has four times that.
    """
    for share in (100, 10, 1):
        _compare(work, pattern, size // share)


def _compare(work: Callable[[str], object], pattern: str, size: int) -> None:
    ratios = []
    for _ in range(_ATTEMPTS):
        small, large = (_seconds(work, pattern, size * factor) for factor in (1, 4))
        ratios.append(round(large / max(small, _NOISE), 1))
        if ratios[-1] < _ALLOWED:
            return
    raise AssertionError(
        f"from {size} to {4 * size} characters of {pattern!r} time grew by factors of {ratios}"
    )


def _seconds(work: Callable[[str], object], pattern: str, size: int) -> float:
    text = (pattern * (size // len(pattern) + 1))[:size]
    gc.disable()  # a collection goes through all that the test run holds, which is not the work's doing
    start = time.process_time()  # what others do on this machine does not count
    try:
        work(text)
        return time.process_time() - start
    finally:
        gc.enable()
