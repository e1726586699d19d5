"""Waiting until a message has a status. No I/O: the clients ask and sleep."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable, Iterable, Union

from notifications_python_client.errors import StatusNotReachedError

if TYPE_CHECKING:
    from notifications_python_client.answers import Notification

# Statuses that nothing follows, or nothing but a late receipt (public API contract, section 7).
FINAL_STATUSES = frozenset(
    [
        "cancelled",
        "delivered",
        "permanent-failure",
        "received",
        "returned-letter",
        "sent",
        "technical-failure",
        "temporary-failure",
        "validation-failed",
        "virus-scan-failed",
    ]
)

LONGEST_PAUSE = 5.0


class StatusWatch:
    """Decides after each look at a message whether to look again, and when.

    Args:
        statuses: one status or several to wait for; empty for any final one.
        timeout: seconds after which to give up.
        clock: where seconds are read.
    """

    def __init__(
        self,
        statuses: Union[str, Iterable[str], None],
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        wanted = [statuses] if isinstance(statuses, str) else statuses or FINAL_STATUSES
        self.wanted = frozenset(wanted)
        self._clock = clock
        self._until = clock() + timeout
        self._pause = 0.2

    def is_over(self, notification: Notification) -> bool:
        """Say whether the status is one of those waited for.

        Raises:
            StatusNotReachedError: it never will be, or the time is up.
        """
        status = notification["status"]
        if status in self.wanted:
            return True
        # After "sent" a receipt may still come, so whoever waits for "delivered" goes on waiting.
        if (status in FINAL_STATUSES and status != "sent") or self._clock() >= self._until:
            raise StatusNotReachedError(self.wanted, notification)
        return False

    def pause(self) -> float:
        """Give the seconds until the next look: short at first, then longer."""
        pause = min(self._pause, max(0.0, self._until - self._clock()))
        self._pause = min(self._pause * 1.5, LONGEST_PAUSE)
        return pause
