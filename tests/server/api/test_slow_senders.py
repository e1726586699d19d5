"""Requests that come too slowly: told so, and hung up on. Times are short here; nothing else differs."""

import socket
import time
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from pillarbox.api import app as api
from pillarbox.api.bodies import BodyLimits
from pillarbox.api.connections import Connection
from pillarbox.api.crashes import Crashes
from pillarbox.api.errors import ApiError
from pillarbox.api.responses import ContractHeaders
from tests.support.api import serving


class Hasty(Connection):
    """A connection that waits for parts of a second."""

    first_byte_seconds = 0.4
    request_seconds = 0.8


async def read(request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def ignore(_request) -> PlainTextResponse:
    return PlainTextResponse("whatever")


@pytest.fixture(scope="module")
def base():
    app = Starlette(
        routes=[Route("/", read, methods=["POST"]), Route("/ignore", ignore, methods=["POST"])],
        exception_handlers=api.EXCEPTION_HANDLERS,
        middleware=[
            Middleware(ContractHeaders),
            Middleware(Crashes),
            Middleware(BodyLimits, most=1000, seconds=0.4),
        ],
    )
    with serving(app, http=Hasty) as url:
        yield url


@contextmanager
def talking(base: str):
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        yield connection


def said(connection: socket.socket) -> bytes:
    """Everything until the other side hangs up."""
    heard = b""
    while part := connection.recv(65536):
        heard += part
    return heard


def trickle(connection: socket.socket, seconds: float) -> None:
    """A byte now and then, whether anybody listens or not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            connection.sendall(b"x")
        except OSError:
            return
        time.sleep(0.05)


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


def test_a_body_that_trickles_in_is_refused_and_hung_up_on(base) -> None:
    with talking(base) as connection:
        connection.sendall(HEAD % 500)
        trickle(connection, 0.6)
        heard = said(connection)
    assert heard.startswith(b"HTTP/1.1 408 ")
    assert b'"error":"RequestTimeoutError"' in heard
    assert b"connection: close" in heard.lower()


def test_a_body_that_never_comes_is_refused(base) -> None:
    with talking(base) as connection:
        connection.sendall(HEAD % 500)
        assert said(connection).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_never_ends_is_refused(base) -> None:
    with talking(base) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-More: ")
        trickle(connection, 1.2)
        heard = said(connection)
    assert heard.startswith(b"HTTP/1.1 408 ")


def test_who_says_nothing_is_hung_up_on(base) -> None:
    with talking(base) as connection:
        assert said(connection) == b""


def test_a_body_that_nobody_reads_does_not_hold_the_connection_for_ever(base) -> None:
    with talking(base) as connection:
        connection.sendall((HEAD % 500).replace(b"POST / ", b"POST /ignore "))
        trickle(connection, 1.2)
        heard = said(connection)
    assert heard.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(("size", "status"), [(1000, b"200"), (1001, b"413")])
def test_bodies_up_to_the_limit_are_read(base, size, status) -> None:
    with talking(base) as connection:
        connection.sendall(HEAD % size + b"x" * size)
        assert connection.recv(65536).startswith(b"HTTP/1.1 " + status)


def test_a_body_in_chunks_is_counted_as_it_comes(base) -> None:
    with talking(base) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"1f4\r\n" + b"x" * 500 + b"\r\n")
        connection.sendall(b"1f5\r\n" + b"x" * 501 + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_two_requests_on_one_connection_are_two_requests(base) -> None:
    with talking(base) as connection:
        for _ in range(3):
            connection.sendall(HEAD % 5 + b"hello")
            heard = b""
            while not heard.endswith(b"\r\n\r\n5"):
                heard += connection.recv(65536)
            time.sleep(0.3)  # each has the time of its own


async def test_many_large_bodies_at_once_are_told_to_come_back() -> None:
    limits = BodyLimits(read_all, most=100, most_at_once=150)
    refused = []
    await limits(*request_of(90, limits, refused))
    assert refused == ["ServiceUnavailableError"]


async def read_all(scope, receive, _send) -> None:
    """Read a body; while it is in hand, another one comes."""
    try:
        await receive()
        if scope["inner"] is not None:
            await scope["inner"]()
    except ApiError as error:
        scope["refused"].append(error.error)
        assert scope["state"]["headers"] == [(b"retry-after", b"1")]


def request_of(size: int, limits: BodyLimits | None, refused: list[str]):
    """A request with a body of so many bytes; one more comes while it is being answered."""

    async def inner() -> None:
        assert limits is not None
        await limits(*request_of(size, None, refused))

    scope = {"type": "http", "headers": [], "state": {"headers": []}, "refused": refused}
    scope["inner"] = inner if limits is not None else None

    async def receive():
        return {"type": "http.request", "body": b"x" * size, "more_body": False}

    async def send(_message) -> None:
        """Nobody listens."""

    return scope, receive, send
