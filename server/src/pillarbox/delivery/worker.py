"""The worker: claims what is due, has each claim attempted, settles them in shared commits."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import PoolTimeout

from pillarbox.delivery.attempt import Routes, attempt, failed
from pillarbox.logs import described
from pillarbox.store.batches import Batch
from pillarbox.store.outbox import RENEW_SECONDS, Claim, Settlement
from pillarbox.store.partitions import ensure_days_ahead
from pillarbox.store.store import Store

log = structlog.get_logger()

_IDLE_SECONDS = 1.0  # how long to sleep at most when nothing is due and nobody wakes us
_PARTITIONS_EVERY = 3600.0
_TROUBLE_SECONDS = 0.5


class Worker:
    """One worker process; any number of them may run.

    Args:
        store: the data plane's tables.
        routes: the providers.
        database_url: where to listen for the API's wake-up calls.
        concurrency: how many attempts may be under way at once.
    """

    def __init__(self, store: Store, routes: Routes, database_url: str, concurrency: int = 100) -> None:
        self._store = store
        self._routes = routes
        self._database_url = database_url
        self._concurrency = concurrency
        self._under_way: dict[asyncio.Task[None], Claim] = {}
        self._settle: Batch[Settlement, None] = Batch(self._settle_all)
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is in hand is finished."""
        self._stopping.set()
        self._woken.set()

    async def run(self) -> None:
        """Work until told to stop."""
        beside = [
            asyncio.create_task(_forever(self._listen)),
            asyncio.create_task(_forever(self._keep_partitions)),
            asyncio.create_task(_forever(self._renew)),
        ]
        try:
            while not self._stopping.is_set():
                await _persist(self._turn)
            if self._under_way:
                await asyncio.wait(self._under_way)
        finally:
            for task in beside:
                task.cancel()

    async def _turn(self) -> None:
        """Claim as much as there is room for; sleep if nothing was due."""
        self._woken.clear()
        room = self._concurrency - len(self._under_way)
        claims = await self._store.outbox.claim(room) if room > 0 else []
        for claim in claims:
            task = asyncio.create_task(self._work(claim))
            self._under_way[task] = claim
            task.add_done_callback(self._finished)
        if len(claims) < room or room <= 0:
            await self._sleep()

    def _finished(self, task: asyncio.Task[None]) -> None:
        full = len(self._under_way) >= self._concurrency
        del self._under_way[task]
        if full:
            self._woken.set()

    async def _work(self, claim: Claim) -> None:
        """If the database is away, a claim is left to its lease: it comes up again when that has run out."""
        try:
            await self._settle.add(await self._attempt(claim))
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            _note("left to its lease", claim, error)

    async def _attempt(self, claim: Claim) -> Settlement:
        """An attempt that fails on our side counts as one, so that the message does not fail for ever."""
        try:
            return await attempt(claim, self._store, self._routes)
        except (OperationalError, PoolTimeout):
            raise
        except Exception as error:  # noqa: BLE001 - a message that trips us up must not stop the others
            _note("attempt failed", claim, error)
            return failed(claim)

    async def _settle_all(self, settlements: Sequence[Settlement]) -> Sequence[None]:
        """Until the database has it: what a provider answered must not be forgotten while we live."""
        while not await _persist(lambda: self._store.outbox.settle(settlements)):
            pass
        if any(one.receipt is not None or one.again_in == 0 for one in settlements):
            self._woken.set()
        return [None] * len(settlements)

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _listen(self) -> None:
        async with await AsyncConnection.connect(self._database_url, autocommit=True) as connection:
            await connection.execute("listen outbox")
            async for _ in connection.notifies():
                self._woken.set()

    async def _renew(self) -> None:
        await asyncio.sleep(RENEW_SECONDS)
        if self._under_way:
            await self._store.outbox.renew(self._under_way.values())

    async def _keep_partitions(self) -> None:
        async with self._store.pool.connection() as connection:
            await ensure_days_ahead(connection)
        await asyncio.sleep(_PARTITIONS_EVERY)


def _note(event: str, claim: Claim, error: Exception) -> None:
    log.error(event, notification_id=str(claim.notification_id), kind=claim.kind, **described(error))


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await _persist(work)


async def _persist(work: Callable[[], Awaitable[None]]) -> bool:
    """Do something and say whether it was done; if the database is away, wait a little before saying no."""
    try:
        await work()
    except (OperationalError, PoolTimeout) as error:
        log.warning("database away", error=type(error).__name__)
        await asyncio.sleep(_TROUBLE_SECONDS)
        return False
    return True
