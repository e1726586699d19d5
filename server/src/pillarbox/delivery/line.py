"""A line of work: what is due is claimed, many at once are attempted, what became of them is settled together."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar
from uuid import UUID

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from pillarbox.logs import described
from pillarbox.store.outbox import Call, Claim, Settlement

log = structlog.get_logger()

Job = TypeVar("Job", bound=Claim | Call)

_IDLE_SECONDS = 1.0  # how long to sleep at most when nothing is due and nobody wakes us


@dataclass(frozen=True)
class Work(Generic[Job]):
    """What a line does.

    Attributes:
        name: for logs.
        claim: claims up to so many, none of those services that have enough under way.
        attempt: makes one attempt.
        failed: says what follows on an attempt that went wrong on our side.
        most: how many attempts may be under way at once.
        most_each: how many of one service; None: as many as there are.
    """

    name: str
    claim: Callable[[int, Collection[UUID]], Awaitable[list[Job]]]
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
        self._under_way: dict[asyncio.Task[None], Job] = {}
        self._of_service: Counter[UUID] = Counter()
        self._something = asyncio.Event()  # may be due, or there is room again
        self.last_turn = monotonic()

    @property
    def in_hand(self) -> Sequence[Job]:
        """What is under way."""
        return list(self._under_way.values())

    def wake(self) -> None:
        """Look at once whether something is due."""
        self._something.set()

    async def turn(self) -> None:
        """Claim as much as there is room for; sleep if nothing was due, or until there is room."""
        self._something.clear()
        self.last_turn = monotonic()
        room = self._work.most - len(self._under_way)
        jobs = await self._work.claim(room, self._resting()) if room else []
        for job in jobs:
            self._start(job)
        if len(jobs) < room or not room:
            await self._sleep()
        elif not self._has_room():
            await self._something.wait()

    async def finish(self) -> None:
        """Wait for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    def _start(self, job: Job) -> None:
        task = asyncio.create_task(self._do(job))
        self._under_way[task] = job
        self._of_service[job.service_id] += 1
        task.add_done_callback(self._finished)

    def _resting(self) -> list[UUID]:
        """The services that have as much under way as they may."""
        most = self._work.most_each
        return [] if most is None else [one for one, count in self._of_service.items() if count >= most]

    def _has_room(self) -> bool:
        """A claim costs much the same for one row as for many: so there should be room for many."""
        return len(self._under_way) <= self._work.most * 3 // 4

    def _finished(self, task: asyncio.Task[None]) -> None:
        job = self._under_way.pop(task)
        self._of_service[job.service_id] -= 1
        if not self._of_service[job.service_id]:
            del self._of_service[job.service_id]
        if self._has_room():
            self._something.set()

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

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                await self._something.wait()
        except TimeoutError:
            pass
