"""GET /metrics: figures for Prometheus, of this process and of what waits in the database."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from time import monotonic

import msgspec
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg import Error
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pillarbox import metrics, visitors
from pillarbox.store.queues import Queues, Waiting

_GOOD_FOR = 5.0  # seconds: counting what waits is not free where much does
_PATIENCE = 2.0
_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_CLOSED = "Metrics are shown on this machine only, unless PILLARBOX_METRICS_TOKEN is set."


class Figures:
    """The figures of one process.

    Args:
        queues: what waits in the database.
        look: looks at what is not counted but is as it is, and tells `metrics` of it.
    """

    def __init__(self, queues: Queues, look: Callable[[], None] = lambda: None) -> None:
        self._queues = queues
        self._look = look
        self._shown = b""
        self._until = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def text(self) -> bytes:
        """Return them in Prometheus' text format."""
        self._look()
        return metrics.counted() + await self._waiting()

    async def _waiting(self) -> bytes:
        async with self._one_at_a_time:
            if monotonic() >= self._until:
                self._shown = await self._counted()
                self._until = monotonic() + _GOOD_FOR
            return self._shown

    async def _counted(self) -> bytes:
        """If the database is away, that is what there is to say."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return _exposed(await self._queues.waiting(), reachable=True)
        except (Error, PoolTimeout, TimeoutError):
            return _exposed([], reachable=False)


async def get_metrics(request: Request) -> Response:
    """Show the figures to whoever may see them."""
    token: str | None = request.state.metrics_token
    why_not = visitors.refusal(request, token, visitors.bearer(request), _CLOSED)
    if why_not is not None:
        return PlainTextResponse(why_not + "\n", 403)
    figures: Figures = request.state.figures
    return Response(await figures.text(), media_type=_TYPE)


class _Waits(Collector):
    """What waits, as it was found once."""

    def __init__(self, waiting: Sequence[Waiting], *, reachable: bool) -> None:
        self._waiting = waiting
        self._reachable = reachable

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "pillarbox_database_up", "Whether the database answers", value=float(self._reachable)
        )
        for field, name, about in _GAUGES:
            family = GaugeMetricFamily(name, about, labels=["kind", "lane"])
            for one in self._waiting:
                family.add_metric([one.kind, str(one.lane)], msgspec.structs.asdict(one)[field])
            yield family


_GAUGES = (
    (
        "length",
        "pillarbox_queue_length",
        "What is still to be done, that included which is tried again later",
    ),
    ("due", "pillarbox_queue_due", "What could be done now"),
    ("oldest", "pillarbox_queue_oldest_seconds", "For how long the first of these could have been done"),
)


def _exposed(waiting: Sequence[Waiting], *, reachable: bool) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Waits(waiting, reachable=reachable))
    return generate_latest(registry)
