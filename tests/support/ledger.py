"""An account of what was sent: what got a 201 must be handed over, whatever happens in between."""

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Which recipient each accepted message was for; many threads may write."""

    accepted: dict[str, str] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, notification_id: str, recipient: str) -> None:
        """Note a 201."""
        with self._lock:
            self.accepted[notification_id] = recipient

    def fail(self, error: Exception) -> None:
        """Note a request that got no 201: nothing is promised for it."""
        with self._lock:
            self.failed[type(error).__name__] += 1

    def missing(self, handed_over: Counter[str]) -> set[str]:
        """Recipients whose message was accepted and who never got it."""
        return {recipient for recipient in self.accepted.values() if not handed_over[recipient]}

    def summary(self, handed_over: Counter[str]) -> str:
        """The figures in one line."""
        twice = sum(1 for recipient in self.accepted.values() if handed_over[recipient] > 1)
        missing = len(self.missing(handed_over))
        return (
            f"accepted {len(self.accepted)}, not accepted {dict(self.failed)}, "
            f"handed over {sum(handed_over.values())}, missing {missing}, twice {twice}"
        )
