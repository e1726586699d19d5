"""`make bench-deliver`: messages a second from due to provider answered and status committed, with one worker process.

The worker is `pillarbox work`, as in production; the outbox is filled before it starts and the clock runs from its
first settled message to its last. The ceiling, in the same run, claims and settles as many rows in the same batches
without a provider, a template or a receipt.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Process
from pathlib import Path

import msgspec
import psycopg

from bench.figures import figure
from bench.product import EMAIL_TEMPLATE_ID, KEY_ID, SERVICE_ID, SMS_TEMPLATE_ID, database, running
from pillarbox.store.database import open_pool
from pillarbox.store.ids import new_id
from pillarbox.store.notifications import NewNotification, Notifications
from pillarbox.store.outbox import Outbox, Settlement
from pillarbox.store.partitions import ensure_days_ahead
from pillarbox.store.services import Channel

ROUNDS = 3
TEXTS, EMAILS = 12_000, 4_000
CLAIMED = 100  # as many as a worker has under way
LOOPS = 3
RELAY_PORT = 16023

_CLEAR = "truncate outbox, notification, sandbox_message"
_HANDED_OVER = "select count(*), min(sent_at), max(sent_at) from notification where status <> 'created'"


def row(channel: Channel, number: int) -> NewNotification:
    identifier, created_at = new_id()
    values = {"name": f"Jo {number}", "thing": "passport", "date": "3 June"}
    return NewNotification(
        id=identifier,
        created_at=created_at,
        service_id=SERVICE_ID,
        channel=channel,
        key_type="normal",
        api_key_id=KEY_ID,
        template_id=SMS_TEMPLATE_ID if channel == "sms" else EMAIL_TEMPLATE_ID,
        template_version=1,
        recipient=f"07700900{number % 1000:03}" if channel == "sms" else f"jo{number}@example.com",
        personalisation=msgspec.json.encode(values).decode(),
        sender="BENCH" if channel == "sms" else None,
    )


async def fill(url: str, channel: Channel, count: int) -> None:
    """An outbox with so many messages due, and nothing else in the tables."""
    pool = await open_pool(url)
    async with pool.connection() as connection:
        await ensure_days_ahead(connection)
        await connection.execute(_CLEAR)
    notifications = Notifications(pool)
    for start in range(0, count, 1000):
        await notifications.add_all([row(channel, n) for n in range(start, min(start + 1000, count))])
    async with pool.connection() as connection:
        await connection.execute("vacuum analyze outbox, notification")
    await pool.close()


async def ceiling(url: str) -> float:
    """Claim and settle what is due, three batches at a time; rows a second."""
    pool = await open_pool(url)
    outbox = Outbox(pool)
    done = 0

    async def loop() -> None:
        nonlocal done
        while claims := await outbox.claim(CLAIMED):
            await outbox.settle(
                [
                    Settlement(
                        c.id,
                        c.attempts,
                        c.notification_id,
                        c.created_at,
                        "sending",
                        ("created",),
                        "none",
                        sent=True,
                    )
                    for c in claims
                ]
            )
            done += len(claims)

    started = time.perf_counter()
    await asyncio.gather(*(loop() for _ in range(LOOPS)))
    seconds = time.perf_counter() - started
    await pool.close()
    return done / seconds


def deliver(url: str, folder: Path, count: int, settings: dict[str, str]) -> float:
    """Let a worker hand everything over; messages a second."""
    os.environ.update(settings)
    with running(["pillarbox", "work"], url, folder), psycopg.connect(url, autocommit=True) as connection:
        for _ in range(6000):
            time.sleep(0.1)
            found = connection.execute(_HANDED_OVER).fetchone()
            if found and found[0] == count:
                return float(count / (found[2] - found[1]).total_seconds())
    raise SystemExit("the worker did not hand everything over")


_REPLIES = {
    b"EHLO": b"250-bench\r\n250-PIPELINING\r\n250 DSN\r\n",  # as nearly all relays offer
    b"DATA": b"354 Go on\r\n",
    b"QUIT": b"221 Bye\r\n",
}


class Relay(asyncio.Protocol):
    """An SMTP server that takes everything and forgets it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._buffer, self._in_content = transport, b"", False
        transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._in_content else b"\r\n"
            line, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            self._answer(line[:4].upper())

    def _answer(self, word: bytes) -> None:
        taken, self._in_content = self._in_content, word == b"DATA" and not self._in_content
        self._transport.write(b"250 OK\r\n" if taken else _REPLIES.get(word, b"250 OK\r\n"))


def serve_relay(port: int) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Relay, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def relay() -> Iterator[dict[str, str]]:
    """A relay in a process of its own, and the settings that lead there."""
    process = Process(target=serve_relay, args=(RELAY_PORT,), daemon=True)
    process.start()
    try:
        yield {
            "PILLARBOX_EMAIL_PROVIDER": "smtp",
            "PILLARBOX_SMTP_HOST": "127.0.0.1",
            "PILLARBOX_SMTP_PORT": str(RELAY_PORT),
            "PILLARBOX_SMTP_TLS": "none",
        }
    finally:
        process.terminate()
        process.join(10)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"{os.cpu_count()} cores, shared by 1 worker, providers and PostgreSQL (durable commits)")
    print(f"{TEXTS} texts to the sandbox, {EMAILS} emails to a relay on loopback")
    best, texts, emails = [], [], []
    with database() as (url, folder), relay() as settings:
        for number in range(rounds):
            asyncio.run(fill(url, "sms", TEXTS))
            best.append(asyncio.run(ceiling(url)))
            asyncio.run(fill(url, "sms", TEXTS))
            texts.append(deliver(url, folder, TEXTS, settings))
            asyncio.run(fill(url, "email", EMAILS))
            emails.append(deliver(url, folder, EMAILS, settings))
            print(f"round {number + 1}: ceiling {best[-1]:,.0f}/s", end=", ")
            print(f"texts {texts[-1]:,.0f}/s, emails {emails[-1]:,.0f}/s")
    figure("deliver_texts_sandbox", statistics.median(texts), "1/s", statistics.median(best))
    figure("deliver_emails_smtp", statistics.median(emails), "1/s", statistics.median(best))


if __name__ == "__main__":
    main()
