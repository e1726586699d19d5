"""The worker: hands over what is due, calls services back, applies what providers tell us."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import PoolTimeout

from pillarbox.delivery import calling_back
from pillarbox.delivery.attempt import Routes, attempt, failed
from pillarbox.delivery.line import Line, Work
from pillarbox.delivery.posts import PostReader
from pillarbox.delivery.probing import probe_those_that_rest
from pillarbox.messages.posts import Intake
from pillarbox.store.batches import Batch
from pillarbox.store.outbox import RENEW_SECONDS, Call, Claim, Held, Settlement, Shares
from pillarbox.store.store import Store

log = structlog.get_logger()

CALLS_OF_A_SERVICE = 10  # claimed at once unless it is quick, so that a slow endpoint delays nobody else's
_IDLE_SECONDS = 1.0  # how long to rest at most when nothing is due and nobody wakes us
_PACE_SECONDS = 0.05  # between turns that find little: a turn costs much the same for one as for many
_PROBES_EVERY = 0.5
_TROUBLE_SECONDS = 0.5
_MOST_SETTLED = 500


class Worker:
    """One worker process; any number of them may run.

    Args:
        store: the data plane's tables.
        routes: the providers.
        database_url: where to listen for the API's wake-up calls.
        concurrency: how many messages, and how many callbacks, may be under way at once.
        intakes: who reads what which provider tells us.
    """

    def __init__(
        self,
        store: Store,
        routes: Routes,
        database_url: str,
        concurrency: int = 100,
        intakes: Mapping[str, Intake] | None = None,
    ) -> None:
        self._store = store
        self._routes = routes
        self._database_url = database_url
        self._posts = PostReader(store, intakes or {})
        self._posts_wanted = asyncio.Event()
        self._settle: Batch[Settlement, None] = Batch(self._settle_all, _MOST_SETTLED)
        self._deliveries: Line[Claim] = Line(self._deliver(concurrency), self._settle.add)
        self._calls: Line[Call] = Line(self._call(concurrency), self._settle.add)
        self._stopping = asyncio.Event()

    @property
    def in_hand(self) -> dict[str, int]:
        """How many attempts are under way, by kind."""
        return {"deliver": len(self._deliveries.in_hand), "callback": len(self._calls.in_hand)}

    @property
    def since_last_claim(self) -> float:
        """Since how many seconds one of its lines has not looked for work."""
        return monotonic() - min(self._deliveries.last_turn, self._calls.last_turn)

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is in hand is finished."""
        self._stopping.set()
        self._wake()

    async def run(self) -> None:
        """Work until told to stop."""
        beside = [asyncio.create_task(_forever(work)) for work in (self._listen, self._renew, self._probe)]
        try:
            await asyncio.gather(
                self._until_stopped(self._deliveries.turn, self._deliveries.something),
                self._until_stopped(self._calls.turn, self._calls.something),
                self._until_stopped(self._read_posts, self._posts_wanted),
            )
            await self._deliveries.finish()
            await self._calls.finish()
        finally:
            for task in beside:
                task.cancel()

    def _deliver(self, concurrency: int) -> Work[Claim]:
        async def claim(most: int, _shares: Shares) -> list[Claim]:
            return await self._store.outbox.claim(most)

        return Work(
            "deliver",
            claim,
            lambda claim: attempt(claim, self._store, self._routes),
            failed,
            most=concurrency,
        )

    def _call(self, concurrency: int) -> Work[Call]:
        return Work(
            "callback",
            self._store.outbox.claim_calls,
            lambda call: calling_back.call_back(call, self._store, self._routes.callbacks),
            calling_back.failed,
            most=concurrency,
            most_each=CALLS_OF_A_SERVICE,
        )

    async def _until_stopped(self, turn: Callable[[], Awaitable[bool]], wanted: asyncio.Event) -> None:
        async def turn_and_rest() -> None:
            began = monotonic()
            if not await turn():
                await _rest(wanted, began + _PACE_SECONDS)

        while not self._stopping.is_set():
            await _persist(turn_and_rest)

    def _wake(self) -> None:
        self._deliveries.wake()
        self._calls.wake()
        self._posts_wanted.set()

    async def _read_posts(self) -> bool:
        self._posts_wanted.clear()
        return await self._posts.turn()

    async def _settle_all(self, settlements: Sequence[Settlement]) -> Sequence[None]:
        """Until the database has it: what a provider answered must not be forgotten while we live."""
        while not await _persist(lambda: self._store.outbox.settle(settlements)):
            pass
        if any(one.receipt is not None for one in settlements):
            self._posts_wanted.set()
        if any(one.again_in == 0 for one in settlements):
            self._deliveries.wake()
        if any(one.tell for one in settlements):
            self._calls.wake()
        return [None] * len(settlements)

    async def _listen(self) -> None:
        async with await AsyncConnection.connect(self._database_url, autocommit=True) as connection:
            await connection.execute("listen outbox")
            while True:
                wanted = {call.payload async for call in connection.notifies(stop_after=1)}
                if wanted == {"deliver"}:
                    self._deliveries.wake()
                else:
                    self._wake()
                await asyncio.sleep(_PACE_SECONDS / 2)

    async def _renew(self) -> None:
        await asyncio.sleep(RENEW_SECONDS)
        held: list[Held] = [*self._deliveries.in_hand, *self._calls.in_hand]
        if held:
            await self._store.outbox.renew(held)

    async def _probe(self) -> None:
        await probe_those_that_rest([*self._routes.sms.ways, *self._routes.email.ways], monotonic())
        await asyncio.sleep(_PROBES_EVERY)


async def _rest(wanted: asyncio.Event, until: float) -> None:
    """Rest until something is wanted, for a second at most, and until a moment in any case."""
    try:
        async with asyncio.timeout(_IDLE_SECONDS):
            await wanted.wait()
    except TimeoutError:
        pass
    await asyncio.sleep(max(0.0, until - monotonic()))


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
