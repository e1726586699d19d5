"""A line of work: what is due is claimed, many at once are attempted, what became of them is settled together."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from pillarbox.logs import described
from pillarbox.store.outbox import Call, Claim, Settlement, Shares

log = structlog.get_logger()

Job = TypeVar("Job", bound=Claim | Call)

_QUICK_SECONDS = 1.0  # from being claimed to being settled
_MOST_REMEMBERED = 200  # services; each claim names them


class _UnderWay(msgspec.Struct, Generic[Job], frozen=True):
    job: Job
    since: float


@dataclass(frozen=True)
class Work(Generic[Job]):
    """What a line does.

    Attributes:
        name: for logs.
        claim: claims up to so many, as services have room.
        attempt: makes one attempt.
        failed: says what follows on an attempt that went wrong on our side.
        most: how many attempts may be under way at once.
        most_each: of how many of one service more are claimed; None: as many as there are. Services that are quick get
            a quarter of the line: if one turns slow it has less than half of it, and that only once.
    """

    name: str
    claim: Callable[[int, Shares], Awaitable[list[Job]]]
    attempt: Callable[[Job], Awaitable[Settlement]]
    failed: Callable[[Job], Settlement]
    most: int
    most_each: int | None = None


class Line(Generic[Job]):
    """Runs one kind of work.

    Args:
        work: what it does.
        settle: records a settlement; it returns once that is committed.
    """

    def __init__(self, work: Work[Job], settle: Callable[[Settlement], Awaitable[None]]) -> None:
        self._work = work
        self._settle = settle
        self._under_way: dict[asyncio.Task[None], _UnderWay[Job]] = {}
        self._of_service: Counter[UUID] = Counter()
        self._quick: dict[UUID, None] = {}  # in the order in which they were found so
        self.something = asyncio.Event()  # may be due, or there is room again
        self.last_turn = monotonic()

    @property
    def in_hand(self) -> Sequence[Job]:
        """What is under way."""
        return [one.job for one in self._under_way.values()]

    def wake(self) -> None:
        """Look at once whether something is due."""
        self.something.set()

    async def turn(self) -> bool:
        """Claim as much as there is room for; say whether more is due, once there is room for it."""
        self.something.clear()
        self.last_turn = monotonic()
        room = self._work.most - len(self._under_way)
        jobs = await self._work.claim(room, self._shares()) if room else []
        for job in jobs:
            self._start(job)
        if len(jobs) < room or not room:
            return False
        if not self._has_room():
            await self.something.wait()
        return True

    async def finish(self) -> None:
        """Wait for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    def _start(self, job: Job) -> None:
        task = asyncio.create_task(self._do(job))
        self._under_way[task] = _UnderWay(job, monotonic())
        self._of_service[job.service_id] += 1
        task.add_done_callback(self._finished)

    def _shares(self) -> Shares:
        """Who may have how much more."""
        each = self._work.most_each
        if each is None:
            return Shares(self._work.most, self._work.most)
        of_quick = max(each, self._work.most // 4)
        full = [
            one
            for one, count in self._of_service.items()
            if count >= (of_quick if one in self._quick else each)
        ]
        return Shares(each, of_quick, list(self._quick), full)

    def _has_room(self) -> bool:
        """A claim costs much the same for one row as for many: so there should be room for many."""
        return len(self._under_way) <= self._work.most * 3 // 4

    def _finished(self, task: asyncio.Task[None]) -> None:
        done = self._under_way.pop(task)
        service = done.job.service_id
        self._of_service[service] -= 1
        if not self._of_service[service]:
            del self._of_service[service]
        self._remember(service, quick=monotonic() - done.since < _QUICK_SECONDS)
        if self._has_room():
            self.something.set()

    def _remember(self, service: UUID, *, quick: bool) -> None:
        self._quick.pop(service, None)
        if quick:
            self._quick[service] = None
        if len(self._quick) > _MOST_REMEMBERED:
            del self._quick[next(iter(self._quick))]

    async def _do(self, job: Job) -> None:
        """If the database is away, a claim is left to its lease: it comes up again when that has run out."""
        try:
            await self._settle(await self._attempt(job))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            self._note("left to its lease", job, error)

    async def _attempt(self, job: Job) -> Settlement:
        """An attempt that fails on our side counts as one, so that it does not fail for ever."""
        try:
            return await self._work.attempt(job)
        except (OperationalError, PoolTimeout):
            raise
        except Exception as error:  # noqa: BLE001 - a message that trips us up must not stop the others
            self._note("attempt failed", job, error)
            return self._work.failed(job)

    def _note(self, event: str, job: Job, error: Exception) -> None:
        log.error(event, notification_id=str(job.notification_id), kind=self._work.name, **described(error))
