"""`make bench-gateway`: texts a second that the sms_http provider alone hands to a gateway on loopback.

The gateway runs in a process of its own and answers whatever comes. The ceiling, in the same run, posts as many bytes
that were made before with aiohttp itself: what is left between them is writing requests and understanding answers.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Process
from uuid import UUID

import uvloop
from yarl import URL

from bench.figures import figure
from pillarbox.providers.base import Accepted, SmsMessage
from pillarbox.providers.sms_http.calls import Calls
from pillarbox.providers.sms_http.provider import HttpGateway
from pillarbox.providers.sms_http.reading import load
from pillarbox.providers.sms_http.writing import Prepared
from pillarbox.store.ids import new_id

ROUNDS = 3
TEXTS = 6_000
TASKS = 100  # as many as a worker has under way
PORT = 16024
SERVICE_ID = UUID("be7c0000-0000-4000-8000-000000000001")
TEXT = (
    "Dear Jo, your appointment is on 3 June at 10:30. Please bring your passport and £12. "
    "To change it go to https://www.example.gov.uk/appointments?id=123456"
)
ANSWER = b'{"sid":"SM7105382e66b9","status":"queued"}'
ANSWERED = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
VALUES = {
    "account_sid": "AC0123",
    "auth_token": "hidden",
    "messaging_service_sid": "",
    "api": f"http://127.0.0.1:{PORT}",
    "receipts_url": "https://notify.example.org/providers/twilio/receipts",
}


class Answering(asyncio.Protocol):
    """Answers every request; bodies have a length and come with their heads or right behind them."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvloop has it
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, rest = self._read.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if end and len(rest) >= length:
            self._read = rest[length:]
            self._transport.write(ANSWERED)


async def _answer() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", PORT, backlog=512)
    await server.serve_forever()


def _serve() -> None:
    uvloop.run(_answer())


@contextmanager
def gateway() -> Iterator[None]:
    """A gateway in a process of its own."""
    process = Process(target=_serve, daemon=True)
    process.start()
    try:
        time.sleep(1)
        yield
    finally:
        process.terminate()
        process.join()


async def per_second(one: Callable[[], Awaitable[None]]) -> float:
    """So many tasks doing it until all texts are out."""
    left = iter(range(TEXTS))

    async def task() -> None:
        for _ in left:
            await one()

    started = time.perf_counter()
    await asyncio.gather(*(task() for _ in range(TASKS)))
    return TEXTS / (time.perf_counter() - started)


def text() -> SmsMessage:
    return SmsMessage(new_id()[0], SERVICE_ID, "447700900123", TEXT, "BENCH", international=False)


async def provider_s() -> float:
    provider = HttpGateway("twilio", load("twilio"), VALUES, TASKS)
    await provider.open()

    async def one() -> None:
        answer = await provider.submit(text())
        if not isinstance(answer, Accepted):
            raise SystemExit(f"the gateway did not take a text: {answer}")

    try:
        return await per_second(one)
    finally:
        await provider.close()


async def ceiling() -> float:
    calls = Calls(TASKS)
    prepared = Prepared(URL(VALUES["api"]), {"Content-Type": "text/plain"}, b"x" * 400)

    async def one() -> None:
        await calls.make("POST", prepared)

    try:
        return await per_second(one)
    finally:
        await calls.close()


def main() -> None:
    print(f"{os.cpu_count()} cores, shared by one process that sends and one that answers")
    best, found = [], []
    with gateway():
        for number in range(ROUNDS):
            best.append(uvloop.run(ceiling()))
            found.append(uvloop.run(provider_s()))
            print(f"round {number + 1}: ceiling {best[-1]:,.0f}/s, provider {found[-1]:,.0f}/s")
    figure("sms_http_provider", statistics.median(found), "1/s", statistics.median(best))


if __name__ == "__main__":
    main()
