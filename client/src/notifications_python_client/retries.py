"""Whether and when a failed call is made again. Pure: the clients do the waiting."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, NamedTuple, Optional, Union

from notifications_python_client.errors import APIError, RateLimitError

if TYPE_CHECKING:
    from notifications_python_client._pacing import Pacer

logger = logging.getLogger("notifications_python_client.base")


class Retries(NamedTuple):
    """How often and how patiently a client tries again.

    Waits grow from `first_wait` by doubling up to `longest_wait`, each shortened at random by up to half, so
    that many clients that failed together do not come back together. A server's `Retry-After` is kept to; if
    it asks for more than `longest_wait`, the client gives up at once.

    Attributes:
        attempts: how many tries there are, the first included.
        first_wait: seconds before the second try.
        longest_wait: seconds that no wait exceeds.
        resend_unanswered: whether a message is sent again when no answer came. Pillarbox recognises the
            repetition by its idempotency key; with a server that does not (GOV.UK Notify), set it to False or
            risk that a message goes out twice.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 60.0
    resend_unanswered: bool = True

    @classmethod
    def of(cls, value: Union[Retries, bool, int, None]) -> Optional[Retries]:
        """Read the argument `retries`: a policy, a number of tries, True for the defaults, else none."""
        if isinstance(value, Retries):
            return value
        if value is True:
            return cls()
        return cls(attempts=value) if value else None

    def wait_after(self, error: APIError, tries: int, *, is_send: bool = False) -> Optional[float]:
        """Say how long to wait before the next try.

        Args:
            error: why the last try failed.
            tries: how many have been made.
            is_send: whether the call sends a message.

        Returns:
            Seconds; None to give up.
        """
        if tries >= self.attempts or not self._worth_repeating(error, is_send=is_send):
            return None
        # The exponent is bounded, so that a policy of very many attempts cannot overflow.
        wait = min(self.first_wait * 2.0 ** min(tries - 1, 30), self.longest_wait)
        wait *= random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        wanted = error.retry_after
        if wanted is None:
            return wait
        return max(wait, wanted) if wanted <= self.longest_wait else None

    def _worth_repeating(self, error: APIError, *, is_send: bool) -> bool:
        if not error.is_retryable:
            return False
        refused = error.status_code in {409, 429}
        return refused or not is_send or self.resend_unanswered


# In a bulk send, being too fast is the pacer's to mend: a message is not given up for it soon.
TOO_FAST = Retries(attempts=20, first_wait=0.1)


class Tries:
    """The tries of one call: asked before each for the wait, told of each failure.

    Args:
        name: what the call is in the log, when written out.
        retries: the policy; None for a single try.
        is_send: whether the call sends a message.
        pacer: what every try takes its turn from, when many messages are sent.
    """

    def __init__(
        self, name: object, retries: Optional[Retries], *, is_send: bool, pacer: Optional[Pacer] = None
    ) -> None:
        self.name, self.retries, self.is_send, self.pacer = name, retries, is_send, pacer
        self.made = 0
        self.pause = 0.0

    def wait(self) -> float:
        """Give the seconds to wait before the next try."""
        self.made += 1
        turn = self.pacer.take() if self.pacer else 0.0
        return max(turn, self.pause)

    def failed(self, error: APIError) -> None:
        """Log a failed try; raise its error if there is to be no other."""
        status, kind = error.status_code, type(error).__name__
        logger.warning("%s failed: %s %s (try %d)", str(self.name), status, kind, self.made)
        retries = self.retries
        if self.pacer and isinstance(error, RateLimitError):
            self.pacer.hold_back(str(error.message))
            retries = TOO_FAST
        wait = retries.wait_after(error, self.made, is_send=self.is_send) if retries else None
        if wait is None:
            raise error
        self.pause = wait
