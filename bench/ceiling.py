"""What accepting could cost at best: a route that checks a token and commits one narrow row, in shared commits.

The same server, the same driver, the same database as the product, and nothing that a product needs beside it.
"""

import asyncio
import hmac
import os
import signal
import socket
import sys
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import msgspec
import uvicorn
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.product import SECRET, SERVICE_ID

_CREATE = "create table if not exists ceiling (id uuid primary key, at timestamptz default now(), body text)"
_INSERT = "insert into ceiling (id, body) select * from unnest(%s::uuid[], %s::text[])"
_PAGE = """
select id, created_at, recipient, personalisation::text, reference, status, sent_at, updated_at from notification
where service_id = %s and key_type = 'normal' and job_id is null order by created_at desc, id desc limit 250
"""


class Commits:
    """Rows that arrive while a commit is under way share the next one."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self.pool = pool
        self._waiting: list[tuple[str, str, asyncio.Future[None]]] = []
        self._busy = False

    async def add(self, identifier: str, body: str) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((identifier, body, done))
        if not self._busy:
            self._busy = True
            asyncio.get_running_loop().create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            rows, self._waiting = self._waiting, []
            async with self.pool.connection() as connection:
                await connection.execute(_INSERT, [[row[0] for row in rows], [row[1] for row in rows]])
            for row in rows:
                row[2].set_result(None)
        self._busy = False


async def accept(request: Request) -> Response:
    signed, _, signature = request.headers["authorization"][7:].encode().rpartition(b".")
    expected = hmac.digest(SECRET.encode(), signed, "sha256")
    if not hmac.compare_digest(expected, urlsafe_b64decode(signature + b"==")):
        return Response(status_code=403)
    body = msgspec.json.decode(await request.body())
    identifier = str(uuid4())
    await request.state.commits.add(identifier, body["phone_number"])
    return Response(msgspec.json.encode({"id": identifier}), 201, media_type="application/json")


async def page(request: Request) -> Response:
    """What a page of 250 costs at least: its rows fetched and encoded as they are."""
    async with request.state.commits.pool.connection() as connection:
        cursor = await connection.execute(_PAGE, [SERVICE_ID])
        rows = await cursor.fetchall()
    return Response(msgspec.json.encode(rows), media_type="application/json")


async def status(_request: Request) -> Response:
    return Response(b'{"status":"ok"}', media_type="application/json")


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        os.environ["DATABASE_URL"], min_size=2, max_size=8, open=False, kwargs={"autocommit": True}
    )
    await pool.open(wait=True)
    yield {"commits": Commits(pool)}
    await pool.close()


def app() -> Starlette:
    routes = [
        Route("/v2/notifications/sms", accept, methods=["POST"]),
        Route("/v2/notifications", page, methods=["GET"]),
        Route("/_status", status, methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def main(port: int, processes: int) -> None:
    import psycopg  # noqa: PLC0415 - only the parent makes the table

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(_CREATE)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2048)
    children = []
    for _ in range(processes):
        child = os.fork()
        if child == 0:
            config = uvicorn.Config("bench.ceiling:app", factory=True, log_level="warning", access_log=False)
            uvicorn.Server(config).run(sockets=[listener])
            os._exit(0)
        children.append(child)

    def stop(*_: object) -> None:
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
