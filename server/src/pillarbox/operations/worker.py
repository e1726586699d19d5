"""What a worker answers on a port of its own: its figures, and whether it is well."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgspec
import uvicorn
from psycopg import Error
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pillarbox import __version__
from pillarbox.operations.figures import Figures, get_metrics
from pillarbox.store.database import Pool, clock_of

_PATIENCE = 2.0
_STUCK_AFTER = 60.0  # seconds without looking for work


class WorkerState(msgspec.Struct, frozen=True):
    """How a worker is doing.

    Attributes:
        in_hand: how many messages and calls are under way.
        last_claim: seconds since it last asked the database for work.
    """

    in_hand: int
    last_claim: float


def worker_app(
    pool: Pool, figures: Figures, token: str | None, state: Callable[[], WorkerState]
) -> Starlette:
    """Return what a worker answers.

    Args:
        pool: of the database.
        figures: for Prometheus.
        token: that shows them to other machines.
        state: tells how the worker is doing.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"figures": figures, "metrics_token": token, "pool": pool, "worker_state": state}

    routes = [Route("/metrics", get_metrics), Route("/_status", get_worker_status)]
    return Starlette(routes=routes, lifespan=lifespan)


async def get_worker_status(request: Request) -> Response:
    """Answer 200 while the worker gets at the database and looks for work; 503 otherwise."""
    state: WorkerState = request.state.worker_state()
    reachable = await _answers(request.state.pool)
    well = reachable and state.last_claim < _STUCK_AFTER
    shown = {
        "status": "ok" if well else "error",
        "version": __version__,
        "database": reachable,
        "last_claim_seconds": round(state.last_claim, 1),
        "in_hand": state.in_hand,
    }
    return JSONResponse(shown, 200 if well else 503)


@asynccontextmanager
async def answering(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Answer requests on a socket for as long as the context lasts."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        ws="none",
    )
    server = _Beside(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Beside(uvicorn.Server):
    """A server in somebody else's process, to whom signals are left."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


async def _answers(pool: Pool) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            await clock_of(pool)
    except (Error, PoolTimeout, TimeoutError):
        return False
    return True
