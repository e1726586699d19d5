"""Keeping inside the server's rate limit, a token bucket (public API contract, section 5). No sleeping."""

from __future__ import annotations

import math
import re
import threading
import time
from typing import Callable, Optional

# Part of the burst is left alone: requests overtake each other on their way, and others may share the bucket.
SHARE_OF_BURST = 0.9

# A rate that no server holds; until one says what its limit is.
UNKNOWN = 1e9

_LIMIT = re.compile(r"(\d+) requests per (\d+) seconds")


class Pacer:
    """Hands out turns; may be used by several threads.

    Args:
        per_minute: the service's rate limit; None if that is to be learned from the server's refusals.
        clock: where seconds are read.
    """

    def __init__(
        self, per_minute: Optional[float] = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if per_minute is not None and per_minute <= 0:
            raise ValueError("The rate limit must be more than 0 requests a minute")
        self._set_rate(UNKNOWN if per_minute is None else per_minute)
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

    def hold_back(self, refusal: str = "") -> None:
        """Be slower: the server refused a request, so the limit is lower than thought or others use it too.

        Args:
            refusal: what the server said, which may name the limit.
        """
        limit = _LIMIT.search(refusal)
        with self._lock:
            self._fill()
            if limit:
                self._lower(60 * int(limit[1]) / max(1, int(limit[2])))
            self._tokens = min(self._tokens, -self.rate)

    def _lower(self, per_minute: float) -> None:
        if 0 < per_minute < 60 * self.rate:
            # Turns handed out ahead stay as many seconds ahead.
            self._tokens *= per_minute / 60 / self.rate
            self._set_rate(per_minute)

    def _set_rate(self, per_minute: float) -> None:
        size = min(math.ceil(per_minute / 3) + 1, 1000)
        self.rate = per_minute / 60
        # Of a full bucket the server lets all but one go at once.
        self.burst = float(max(1, int((size - 1) * SHARE_OF_BURST)))

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self.burst, self._tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now
