"""A line on a terminal that shows how far a bulk send is."""

from __future__ import annotations

import time
from typing import TextIO

from notifications_python_client.bulk import Progress

WIDTH = 30


class ProgressBar:
    """Draws progress over itself, ten times a second at most, and only on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn_at = 0.0
        self._last: str = ""

    def __call__(self, progress: Progress) -> None:
        """Show how far it is."""
        self._last = line(progress)
        now = time.monotonic()
        if self._stream.isatty() and (now - self._drawn_at >= 0.1 or progress.done == progress.total):
            self._drawn_at = now
            self._stream.write("\r" + self._last)
            self._stream.flush()

    def close(self) -> None:
        """Leave the last state standing."""
        if self._stream.isatty() and self._last:
            self._stream.write("\r" + self._last + "\n")
            self._stream.flush()


def line(progress: Progress) -> str:
    """Put progress in words, with a bar if the total is known."""
    counts = f"{progress.done} sent" if progress.total is None else f"{progress.done}/{progress.total}"
    tail = f"{counts}, {progress.refused} refused, {progress.per_second:.0f}/s"
    if not progress.total:
        return tail
    full = WIDTH * progress.done // progress.total
    return f"[{'#' * full}{'.' * (WIDTH - full)}] {tail}"
