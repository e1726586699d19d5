"""Work by the clock, beside the worker: each task runs once at its time, however many workers there are."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import msgspec
import structlog
from procrastinate import App, PsycopgConnector, RetryStrategy

from pillarbox import metrics
from pillarbox.logs import described
from pillarbox.store.database import clock_of
from pillarbox.store.store import Store

log = structlog.get_logger()
logging.getLogger("procrastinate").setLevel(
    logging.CRITICAL
)  # what it would say is said here, without quotations

_QUEUE = "clock"
_CAUGHT_UP = (
    24 * 3600
)  # seconds: whoever was switched off at night does the night's work when it is switched on
_AT_ONCE = 3  # a long night's work holds up nothing else
_LOOK_EVERY = 20.0  # seconds
_HEARTBEAT = 30.0
_DEAD_AFTER = 120.0  # seconds without a heartbeat
_FINISH_WITHIN = 5.0  # what is not done by then is broken off: all of it may be done again
_STOP_WITHIN = 10.0
_PAUSE = 5.0
_RETRIES = RetryStrategy(max_attempts=5, wait=60)


class PeriodicWorkError(Exception):
    """A task failed; what went wrong is in the log."""


class Task(msgspec.Struct, frozen=True):
    """Something that is done by the clock.

    Args:
        name: of one word or a few.
        cron: when, in UTC.
        work: does it; is given the store and the moment that it is for, which is never in the future, and returns how
            much there was to do, by what it was.
    """

    name: str
    cron: str
    work: Callable[[Store, datetime], Awaitable[dict[str, int]]]


class Clock:
    """One of any number of clocks on one database.

    Args:
        store: the data plane's tables.
        tasks: what is to be done.
        look_every: seconds between looks whether something is to be done.
    """

    def __init__(self, store: Store, tasks: Sequence[Task], look_every: float = _LOOK_EVERY) -> None:
        self._store = store
        self._look_every = look_every
        self._stopping = asyncio.Event()
        self._app = App(connector=PsycopgConnector(), periodic_defaults={"max_delay": _CAUGHT_UP})
        for task in (*tasks, Task("take over", "*/5 * * * *", lambda *_: self._take_over())):
            self._register(task)

    def stop(self) -> None:
        """Begin nothing more; `run` returns within 20 s, with what is under way finished or broken off."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until told to stop."""
        await self._app.open_async(self._store.pool)
        stopped = asyncio.create_task(self._stopping.wait())
        while not self._stopping.is_set():
            working = asyncio.create_task(self._work())
            await asyncio.wait([working, stopped], return_when=asyncio.FIRST_COMPLETED)
            if not self._stopping.is_set():
                log.warning("clock stopped", again_in=_PAUSE, **_why(working))
                await asyncio.wait([stopped], timeout=_PAUSE)
            await _end(working)

    async def _work(self) -> None:
        await self._take_over()
        await self._app.run_worker_async(
            queues=[_QUEUE],
            concurrency=_AT_ONCE,
            fetch_job_polling_interval=self._look_every,
            listen_notify=False,  # nothing here is in a hurry
            update_heartbeat_interval=_HEARTBEAT,
            stalled_worker_timeout=_DEAD_AFTER,
            shutdown_graceful_timeout=_FINISH_WITHIN,
            delete_jobs="always",
            install_signal_handlers=False,
        )

    def _register(self, task: Task) -> None:
        async def run(timestamp: int) -> None:
            try:
                moment = min(datetime.fromtimestamp(timestamp, UTC), await clock_of(self._store.pool))
                done = await task.work(self._store, moment)
            except Exception as error:  # noqa: BLE001 - what it says may quote people: only its kind goes on
                raise _failure(task, error) from None
            metrics.task(task.name, "done")
            if any(done.values()):
                log.info("task done", task=task.name, **done)

        registered = self._app.task(name=task.name, queue=_QUEUE, retry=_RETRIES)(run)
        self._app.periodic(cron=task.cron)(registered)

    async def _take_over(self) -> dict[str, int]:
        """Do what a worker that died had under way."""
        manager = self._app.job_manager
        left = list(await manager.get_stalled_jobs(queue=_QUEUE, seconds_since_heartbeat=_DEAD_AFTER))
        for job in left:
            await manager.retry_job(job)
        return {"taken_over": len(left)}


def _failure(task: Task, error: Exception) -> PeriodicWorkError:
    metrics.task(task.name, "failed")
    log.error("task failed", task=task.name, **described(error))
    return PeriodicWorkError(task.name)


def _why(working: asyncio.Task[None]) -> dict[str, list[str]]:
    error = working.exception() if working.done() and not working.cancelled() else None
    return described(error) if error else {}


async def _end(working: asyncio.Task[None]) -> None:
    """The first cancelling asks it to finish what it has in hand; the second, if that takes too long, does not ask."""
    for _ in range(2):
        working.cancel()
        await asyncio.wait([working], timeout=_STOP_WITHIN)
