"""`make bench-deliver`: messages a second from due to provider answered and status committed, with one worker process.

The worker is `pillarbox work`, as in production; the outbox is filled before it starts and the clock runs from its
first settled message to its last. The ceiling, in the same run, claims, posts to the same gateway and settles, without
templates, routing and all else that a worker does. Texts go to an HTTP gateway on loopback, emails to an SMTP relay,
callbacks to an endpoint for each of twenty services. Last, texts are accepted at a steady rate and timed until handed
over.
"""

import asyncio
import os
import statistics
import sys
import time
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import msgspec
import psycopg
import uvloop

from bench.accept import texts
from bench.counterparts import PROVIDERS, WEB_PORT, counterparts
from bench.figures import figure
from bench.load import run
from bench.product import EMAIL_TEMPLATE_ID, KEY_ID, SERVICE_ID, SMS_TEMPLATE_ID, database, running
from pillarbox.bootstrap import seal
from pillarbox.settings import Settings
from pillarbox.store.database import open_pool
from pillarbox.store.ids import new_id
from pillarbox.store.notifications import NewNotification, Notifications
from pillarbox.store.outbox import Claim, Outbox, Settlement
from pillarbox.store.partitions import ensure_days_ahead
from pillarbox.store.services import Channel
from pillarbox.store.telling import TELL

ROUNDS = 3
TEXTS, EMAILS, CALLBACKS = 20_000, 6_000, 10_000
CLAIMED = 200
_FORM = b"apiKey=key&to=447700900123&from=BENCH&message=" + b"x" * 60 + b"&reference=" + b"r" * 36
LOOPS = 3
SERVICES = 20  # that are called back
PER_SECOND, SECONDS = 1000, 60
API_PORT = 16035

_CLEAR = "truncate outbox, notification, sandbox_message, callback_attempt, provider_post"


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
    """Claim what is due, post as much to the gateway, settle it: three batches at a time; messages a second.

    That is what one process can do at best with the same tools: no template, no routing, no retries.
    """
    pool = await open_pool(url)
    outbox = Outbox(pool)
    done = 0

    async def loop(session: aiohttp.ClientSession) -> None:
        nonlocal done
        while claims := await outbox.claim(CLAIMED):
            await asyncio.gather(*(_post(session) for _ in claims))
            await outbox.settle([_taken(claim) for claim in claims])
            done += len(claims)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100)) as session:
        started = time.perf_counter()
        await asyncio.gather(*(loop(session) for _ in range(LOOPS)))
        seconds = time.perf_counter() - started
    await pool.close()
    return done / seconds


async def _post(session: aiohttp.ClientSession) -> None:
    async with session.post(f"http://127.0.0.1:{WEB_PORT}/", data=_FORM) as answer:
        await answer.read()


def _taken(claim: Claim) -> Settlement:
    return Settlement(
        claim.id,
        claim.attempts,
        claim.notification_id,
        claim.created_at,
        "sending",
        ("created",),
        "none",
        sent=True,
        event={"what": "attempt", "provider": "none", "answer": "accepted"},
    )


def work(url: str, folder: Path, done: str, count: int) -> float:
    """Let a worker do all there is; how many a second, where `done` tells how many, since when and until when."""
    with running(["pillarbox", "work"], url, folder), psycopg.connect(url, autocommit=True) as connection:
        for _ in range(3000):
            time.sleep(0.1)
            found = connection.execute(done.encode()).fetchone()
            if found and found[0] >= count:
                return float(count / (found[2] - found[1]).total_seconds())
    raise SystemExit("the worker did not get everything done")


_HANDED_OVER = "select count(*), min(sent_at), max(sent_at) from notification where status <> 'created'"
_CALLED = "select count(*), min(attempted_at), max(attempted_at) from callback_attempt where outcome = 'done'"


def call_services(url: str, folder: Path) -> None:
    """An outbox with a callback for each of some texts, which belong to so many services."""
    sealed = seal(Settings.read({"PILLARBOX_DATA": str(folder)})).close("a-bearer-token")
    asyncio.run(fill(url, "sms", CALLBACKS))
    with psycopg.connect(url, autocommit=True) as connection:
        services = [_copied_service(connection, sealed) for _ in range(SERVICES)]
        connection.execute(
            "update notification set status = 'delivered', sent_at = now(), updated_at = now(),"
            " service_id = (%s::uuid[])[1 + abs(hashtext(id::text)) %% %s]",
            [services, SERVICES],
        )
        connection.execute("truncate outbox")
        told = f"with moved as (select n.*, true as tell from notification n), told as ({TELL}) select 1"
        connection.execute(told.encode())


def _copied_service(connection: "psycopg.Connection[tuple[object, ...]]", sealed: bytes) -> UUID:
    identifier = uuid4()
    columns = (
        "name, email_local_part, restricted, active, permissions, prefix_sms, rate_limit, sms_daily_limit,"
        " email_daily_limit, letter_daily_limit, international_sms_daily_limit, retention_days, created_at"
    )
    connection.execute(
        f"insert into service (id, {columns}) select %s, {columns} from service where id = %s".encode(),
        [identifier, SERVICE_ID],
    )
    connection.execute(
        "insert into callback (service_id, kind, url, bearer_token) values (%s, 'delivery_status', %s, %s)",
        [identifier, f"http://127.0.0.1:{WEB_PORT}/called", sealed],
    )
    return identifier


_WAITED = """
select percentile_cont(array[0.5, 0.95, 0.99]) within group (order by extract(epoch from sent_at - created_at)),
    count(*) filter (where sent_at is not null), count(*)
from notification
"""


def steadily(url: str, folder: Path) -> list[float]:
    """Accept texts at a steady rate and have them handed over; seconds that half, 95 % and 99 % of them took."""
    asyncio.run(fill(url, "sms", 0))
    with (
        running(["pillarbox", "serve", "--port", str(API_PORT)], url, folder, API_PORT),
        running(["pillarbox", "work"], url, folder),
        psycopg.connect(url, autocommit=True) as connection,
    ):
        # A token is good for half a minute.
        parts = [run(API_PORT, texts(), 32, SECONDS / 3, per_second=PER_SECOND) for _ in range(3)]
        sent = sum(part.statuses[201] for part in parts)
        time.sleep(3)
        found = connection.execute(_WAITED.encode()).fetchone()
    if found is None or not sent == found[1] == found[2]:
        raise SystemExit(f"{sent} were accepted, and not all handed over: {found}")
    return [float(one) for one in found[0]]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"{os.cpu_count()} cores, shared by 1 worker, providers and PostgreSQL (durable commits)")
    print(
        f"{TEXTS} texts to an HTTP gateway, {EMAILS} emails to a relay, {CALLBACKS} callbacks, all on loopback"
    )
    best, handed, emails, calls = [], [], [], []
    with database() as (url, folder), counterparts():
        (folder / "providers.yaml").write_text(PROVIDERS)
        os.environ["PILLARBOX_PROVIDERS_FILE"] = str(folder / "providers.yaml")
        os.environ["PILLARBOX_PRIVATE_CALLBACKS"] = "allow"
        for number in range(rounds):
            asyncio.run(fill(url, "sms", TEXTS))
            best.append(uvloop.run(ceiling(url)))
            asyncio.run(fill(url, "sms", TEXTS))
            handed.append(work(url, folder, _HANDED_OVER, TEXTS))
            asyncio.run(fill(url, "email", EMAILS))
            emails.append(work(url, folder, _HANDED_OVER, EMAILS))
            call_services(url, folder)
            calls.append(work(url, folder, _CALLED, CALLBACKS))
            print(f"round {number + 1}: ceiling {best[-1]:,.0f}/s", end=", ")
            print(f"texts {handed[-1]:,.0f}/s, emails {emails[-1]:,.0f}/s, callbacks {calls[-1]:,.0f}/s")
        waits = steadily(url, folder)
    top = statistics.median(best)
    figure("deliver_texts_http", statistics.median(handed), "1/s", top)
    figure("deliver_emails_smtp", statistics.median(emails), "1/s", top)
    figure("deliver_callbacks", statistics.median(calls), "1/s", top)
    for share, wait in zip((50, 95, 99), waits, strict=True):
        figure(f"accepted_to_handed_over_at_{PER_SECOND}_p{share}", wait * 1000, "ms")


if __name__ == "__main__":
    main()
