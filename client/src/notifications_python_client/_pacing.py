"""Keeping inside the server's rate limit, a token bucket (public API contract, section 5). No sleeping."""

from __future__ import annotations

import math
import threading
import time
from typing import Callable

# Part of the burst is left alone: requests overtake each other on their way, and others may share the bucket.
SHARE_OF_BURST = 0.9


class Pacer:
    """Hands out turns; may be used by several threads.

    Args:
        per_minute: the service's rate limit.
        clock: where seconds are read.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        if per_minute <= 0:
            raise ValueError("The rate limit must be more than 0 requests a minute")
        size = min(math.ceil(per_minute / 3) + 1, 1000)
        self.rate = per_minute / 60
        # Of a full bucket the server lets all but one go at once.
        self.burst = float(max(1, int((size - 1) * SHARE_OF_BURST)))
        self._clock = clock
        self._tokens = self.burst
        self._filled_at = clock()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take the next turn; give the seconds to wait for it."""
        with self._lock:
            self._fill()
            self._tokens -= 1
            return max(0.0, -self._tokens / self.rate)

    def hold_back(self) -> None:
        """Be slower for a while: the server refused a request, so others use the same limit."""
        with self._lock:
            self._fill()
            self._tokens = min(self._tokens, -self.rate)

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self.burst, self._tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now
