"""Choosing a provider: shared by weight among those that are well; who fails rests, and comes back slowly.

A provider that gives trouble several times in a row is left alone (its circuit is open) for a second, then for longer
and longer, until a probe finds it well; then one message at a time goes through until one was taken. Coming back, it
gets a tenth of its share and more with each half minute without trouble.
"""

import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pillarbox.providers.base import Accepted, Answer, Busy, EmailProvider, Rejected, SmsProvider

TROUBLES_IN_A_ROW = 5
MOST_TROUBLES_A_MINUTE = 50
_FIRST_REST, _LONGEST_REST = 1.0, 60.0
_STEP, _LEAST = 0.1, 0.1
_STEP_UP_AFTER = 30.0


@dataclass
class Health:
    """What this worker has seen of a provider. Times are seconds of a clock that only goes forward."""

    patience: int = TROUBLES_IN_A_ROW
    in_a_row: int = 0
    rest: float = 0.0
    rests_until: float | None = None
    was_probed: bool = False  # and found well, since it rests
    is_tried: bool = False  # a message is under way to see whether it is back
    share: float = 1.0  # of its weight
    changed: float = 0.0
    troubles: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_TROUBLES_A_MINUTE + 1))
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the circuit is open or half open."""
        return self.rests_until is not None

    def takes(self) -> bool:
        """Whether a message may be handed over now."""
        return self.rests_until is None or (self.was_probed and not self.is_tried)

    def wants_probe(self, now: float) -> bool:
        """Whether its rest is over and nobody has looked yet."""
        return self.rests_until is not None and now >= self.rests_until and not self.was_probed

    def probed(self) -> None:
        """A probe found it well."""
        self.was_probed = True

    def well(self, now: float) -> None:
        """It answered as it should."""
        self.in_a_row, self.is_tried = 0, False
        if self.was_probed:
            self.rests_until, self.rest, self.reason, self.was_probed = None, 0.0, "", False
            self.share, self.changed = _LEAST, now
        elif self.share < 1.0 and now - self.changed >= _STEP_UP_AFTER:
            self.share, self.changed = min(1.0, self.share + _STEP), now

    def trouble(self, reason: str, now: float) -> None:
        """It failed, or could not be reached."""
        self.in_a_row += 1
        self.reason = reason
        self.troubles.append(now)
        if self.in_a_row >= self.patience or self.rests_until is not None:
            self._rest(now)
        elif len(self.troubles) > MOST_TROUBLES_A_MINUTE and now - self.troubles[0] <= 60:
            self._take_off(now)

    def _rest(self, now: float) -> None:
        if self.rests_until is not None and now < self.rests_until:
            return  # what was under way when it began to rest says nothing new
        self.rest = min(max(_FIRST_REST, self.rest * 2), _LONGEST_REST)
        self.rests_until, self.was_probed, self.is_tried = now + self.rest, False, False

    def _take_off(self, now: float) -> None:
        """At most once a minute."""
        if self.share == 1.0 or now - self.changed >= 60:
            self.share, self.changed = max(_LEAST, self.share - _STEP), now


@dataclass(frozen=True)
class Way:
    """A provider of one channel, how much it is to get, and how it is doing.

    Attributes:
        weight: its share when all are well; 0: only when no other takes anything.
        international: whether texts to other countries may go through it.
        senders: by country prefix, the sender that texts to that country must have.
    """

    provider: SmsProvider | EmailProvider
    weight: int = 100
    international: bool = True
    senders: Mapping[str, str] = field(default_factory=dict)
    health: Health = field(default_factory=Health)


class Routing:
    """The ways out of one channel.

    Args:
        ways: all of them.
        chance: gives numbers from 0 to 1, so that tests can say which.
    """

    def __init__(self, ways: Sequence[Way], chance: Callable[[], float] = random.random) -> None:
        self.ways = list(ways)
        self._chance = chance

    def named(self, name: str) -> Way | None:
        """Return the way of that name."""
        return next((way for way in self.ways if way.provider.name == name), None)

    def choose(
        self,
        *,
        international: bool = False,
        only: str | None = None,
        but: str | None = None,
    ) -> Way | None:
        """Return the way for one message; None if nobody takes anything now.

        Args:
            international: whether the message goes abroad.
            only: the name of the only provider that a service wants to use.
            but: the name of a provider to avoid if there is another: it has just failed this message.
        """
        takers = [way for way in self.ways if way.health.takes() and (way.international or not international)]
        if only is not None:
            takers = [way for way in takers if way.provider.name == only]
        others = [way for way in takers if way.provider.name != but]
        return self._drawn(others) or self._drawn(takers)

    def soonest(self, now: float) -> float:
        """Return in how many seconds the next provider that rests may be tried."""
        rests = [way.health.rests_until - now for way in self.ways if way.health.rests_until is not None]
        return max(1.0, min(rests, default=_LONGEST_REST))

    def _drawn(self, ways: Sequence[Way]) -> Way | None:
        if not ways:
            return None
        shares = [way.weight * way.health.share for way in ways]
        if not sum(shares):
            return ways[0]
        return drawn_by(ways, shares, self._chance())


def drawn_by(ways: Sequence[Way], shares: Sequence[float], chance: float) -> Way:
    """Return the one in whose share of the whole a chance from 0 to 1 falls."""
    mark = chance * sum(shares)
    for way, share in zip(ways, shares, strict=True):
        mark -= share
        if mark < 0:
            return way
    return next(way for way, share in reversed(list(zip(ways, shares, strict=True))) if share)


def hear(way: Way, answer: Answer, now: float) -> None:
    """Learn from an answer how its provider is doing."""
    match answer:
        case Accepted() | Rejected():
            way.health.well(now)
        case Busy(our_fault=True):
            way.health.is_tried = False
        case _:
            way.health.trouble(answer.reason, now)


def begin(way: Way) -> None:
    """Take note that a message is handed over; of a provider that comes back, one at a time."""
    if way.health.is_open:
        way.health.is_tried = True
