"""What services keep no longer leaves, and nothing else does."""

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from pillarbox.actions.purge import DayHeldError, purge, purgeable
from pillarbox.messages.london import midnight
from pillarbox.store.database import open_pool
from pillarbox.store.ids import new_id
from pillarbox.store.notifications import NewNotification
from pillarbox.store.partitions import ensure_days_ahead
from pillarbox.store.sealing import Seal
from pillarbox.store.store import Store
from tests.support.aged import Aged
from tests.support.api import SECRET_KEY, provisioned
from tests.support.factories import MadeService, document

NIGHT = datetime(2026, 7, 8, 3, tzinfo=UTC)
END = midnight(date(2026, 7, 1))  # what was created from here on is kept
MOMENT = timedelta(microseconds=1)
SERVICE, OTHER = MadeService("seven"), MadeService("other")


@pytest.fixture
def url(databases):
    with provisioned(databases, document(SERVICE, OTHER)) as url:
        yield url


@pytest.fixture
async def aged(url):
    pool = await open_pool(url)
    aged = Aged(Store.over(pool, Seal(SECRET_KEY)), SERVICE)
    await aged.days(date(2026, 6, 20), date(2026, 7, 8))
    yield aged
    await pool.close()


def ago(days: float) -> datetime:
    return NIGHT - timedelta(days=days)


async def test_messages_stay_for_seven_days_of_london_and_leave_then(aged):
    _over = [await aged.put(at) for at in (END - MOMENT, END - timedelta(days=3))]
    kept = [await aged.put(at) for at in (END, NIGHT)]
    done = await purge(aged.store, NIGHT)
    assert await aged.ids() == set(kept)
    assert done["messages"] == 2


async def test_days_that_nobody_keeps_leave_as_a_whole(aged):
    assert "notification_20260630" in await aged.parts()
    done = await purge(aged.store, NIGHT)
    assert min(await aged.parts()) == "notification_20260701"
    assert done["days"] == 11
    assert await purge(aged.store, NIGHT) == dict.fromkeys(done, 0)


@pytest.mark.parametrize("channel", ["sms", "email", "letter"])
async def test_who_keeps_messages_for_longer_has_them_for_longer(aged, channel):
    await aged.keep(OTHER, **{channel: 9})
    theirs = await aged.put(ago(8.5), service=OTHER, channel=channel)
    for over in ({"channel": channel}, {"channel": "sms" if channel != "sms" else "email", "service": OTHER}):
        await aged.put(ago(8.5), **over)
    await aged.put(ago(10.5), service=OTHER, channel=channel)
    assert await purgeable(aged.store, NIGHT) == {"days": 10, "messages": 3}
    done = await purge(aged.store, NIGHT)
    assert await aged.ids() == {theirs}
    assert (done["days"], done["messages"]) == (10, 3)


async def test_who_keeps_messages_for_three_days_has_them_no_longer(aged):
    await aged.keep(OTHER, sms=3)
    ours = await aged.put(ago(5))
    for days in (5, 3.5):
        await aged.put(ago(days), service=OTHER)
    young = await aged.put(ago(2.5), service=OTHER)
    await purge(aged.store, NIGHT)
    assert await aged.ids() == {ours, young}


@pytest.mark.parametrize("status", ["created", "sending", "pending-virus-check"])
async def test_a_letter_stays_until_it_is_done_with(aged, status):
    letter = await aged.put(ago(9), channel="letter", status=status)
    await aged.put(ago(9))
    await purge(aged.store, NIGHT)
    assert await aged.ids() == {letter}
    await aged.rows("update notification set status = 'delivered'")
    await purge(aged.store, NIGHT)
    assert await aged.ids() == set()


async def test_numbers_of_live_and_team_messages_stay_and_test_messages_leave_no_trace(aged):
    for key, times in (("normal", 3), ("team", 2), ("test", 4)):
        for _ in range(times):
            await aged.put(ago(9), key=key, units=2)
    await aged.put(ago(9), status="temporary-failure")
    await purge(aged.store, NIGHT)
    rows = await aged.rows(
        "select key_type, status, billable_units, messages, day, provider, template_id::text"
        " from archived_day order by messages desc"
    )
    same = {"day": date(2026, 6, 29), "provider": "somebody", "template_id": SERVICE.templates["sms"]}
    assert rows == [
        {"key_type": key, "status": status, "billable_units": units, "messages": count} | same
        for key, status, units, count in (
            ("normal", "delivered", 2, 3),
            ("team", "delivered", 2, 2),
            ("normal", "temporary-failure", 1, 1),
        )
    ]


async def test_numbers_add_up_however_a_day_leaves(aged):
    await aged.keep(OTHER, sms=9)
    for service in (SERVICE, OTHER):
        await aged.put(ago(8.5), service=service)
        await aged.put(ago(8.5), service=service)
    await purge(aged.store, NIGHT)  # ours row by row
    await aged.keep(OTHER, sms=7)
    await aged.put(ago(8.5))
    await purge(aged.store, NIGHT)  # the rest with the day
    counts = await aged.rows("select service_id::text as service, messages from archived_day")
    assert {row["service"]: row["messages"] for row in counts} == {SERVICE.id: 3, OTHER.id: 2}
    assert await aged.ids() == set()


async def test_nothing_that_anyone_wrote_and_nobody_s_address_is_archived(aged, url):
    await aged.rows("update template set has_unsubscribe_link = true")
    for channel in ("sms", "email", "letter"):
        await aged.put(ago(9), channel=channel)
    await purge(aged.store, NIGHT)
    rows = await aged.rows(
        "select a::text as row from archived_day a union all select e::text from archived_email e"
    )
    assert len(rows) == 4
    assert not [row for row in rows if "447700900123" in row["row"] or "Jo" in row["row"]]


async def test_recipients_may_unsubscribe_from_emails_that_have_left(aged):
    await aged.rows(
        "update template set has_unsubscribe_link = true where service_id = %(id)s", id=SERVICE.id
    )
    email, test, another = [
        await aged.put(ago(9), channel="email", **more) for more in ({}, {"key": "test"}, {"service": OTHER})
    ]
    await purge(aged.store, NIGHT)
    add = aged.store.unsubscribe_requests.add
    assert [await add(one, "jo@example.com") for one in (email, email, test, another)] == [
        True,
        True,
        False,
        False,
    ]
    (request,) = await aged.rows(
        "select notification_id, service_id::text, recipient from unsubscribe_request"
    )
    assert request == {"notification_id": email, "service_id": SERVICE.id, "recipient": "jo@example.com"}


async def test_what_belonged_to_messages_leaves_with_them(aged):
    over, kept = await aged.put(ago(9)), await aged.put(ago(2))
    for one, days in ((over, 9), (kept, 2)):
        await aged.rows(
            "insert into provider_reference values ('p', %(id)s::text, %(id)s, %(at)s)", id=one, at=ago(days)
        )
        await aged.rows(
            "insert into outbox (kind, service_id, notification_id, notification_created_at)"
            " values ('callback', %(service)s, %(id)s, %(at)s)",
            id=one,
            at=ago(days),
            service=SERVICE.id,
        )
        await aged.rows(
            "insert into sandbox_message (id, service_id, notification_id, channel, recipient, body)"
            " values (gen_random_uuid(), %(service)s, %(id)s, 'sms', 'x', 'x')",
            id=one,
            service=SERVICE.id,
        )
        await aged.rows(
            "insert into sandbox_rule_use values (gen_random_uuid(), %(id)s, 1)",
            id=one,
        )
        await aged.rows(
            "insert into callback_attempt (created_at, attempted_at, service_id, kind, channel, message_id, webhook_id,"
            " attempt, url, outcome, reason, seconds, answer)"
            " values (%(at)s, %(at)s, %(service)s, '', 'sms', %(id)s, '', 1, '', 'done', '', 0, '')",
            id=one,
            at=ago(days),
            service=SERVICE.id,
        )
    await aged.rows(  # about a received text
        "insert into outbox (kind, service_id) values ('callback', %(service)s)", service=SERVICE.id
    )
    await purge(aged.store, NIGHT)
    for table, column in (
        ("provider_reference", "notification_id"),
        ("sandbox_message", "notification_id"),
        ("sandbox_rule_use", "notification_id"),
        ("callback_attempt", "message_id"),
        ("outbox", "notification_id"),
    ):
        left = {row[column] for row in await aged.rows(f"select {column} from {table}")}
        assert left == ({kept, None} if table == "outbox" else {kept}), table


async def test_received_texts_stay_as_long_as_the_service_s_texts(aged):
    await aged.keep(OTHER, sms=30, email=3)
    texts = {}
    for service, days in ((SERVICE, 6), (SERVICE, 9), (OTHER, 9), (OTHER, 31)):
        texts[service.name, days] = identifier = uuid.uuid4()
        await aged.rows(
            "insert into received_text (id, service_id, created_at, notify_number, user_number, content)"
            " values (%(id)s, %(service)s, %(at)s, '', '', '')",
            id=identifier,
            service=service.id,
            at=ago(days),
        )
    await purge(aged.store, NIGHT)
    left = {row["id"] for row in await aged.rows("select id from received_text")}
    assert left == {texts["seven", 6], texts["other", 9]}


async def test_posts_of_providers_stay_until_they_are_applied_and_a_week_longer(aged):
    for outcome, days in (("no such message", 8), ("no such message", 6), (None, 30)):
        await aged.rows(
            "insert into provider_post (provider, kind, body, received_at, outcome)"
            " values ('p', 'receipt', '', %(at)s, %(outcome)s)",
            at=ago(days),
            outcome=outcome,
        )
    done = await purge(aged.store, NIGHT)
    assert done["posts"] == 1
    left = await aged.rows("select outcome from provider_post order by id")
    assert [row["outcome"] for row in left] == ["no such message", None]


async def test_counts_of_days_past_are_forgotten(aged):
    for day in (date(2026, 7, 1), date(2026, 7, 7), date(2026, 7, 8)):
        await aged.rows(
            "insert into daily_count values (%(service)s, 'sms', %(day)s, 1, 1, 1, 1)",
            service=SERVICE.id,
            day=day,
        )
    assert (await purge(aged.store, NIGHT))["counts"] == 1


async def test_whatever_the_number_all_leave_of_a_day_that_somebody_keeps(aged):
    await aged.keep(OTHER, sms=90)
    theirs = await aged.put(ago(9), service=OTHER)
    await aged.rows(
        "insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version,"
        " recipient, status) select gen_random_uuid(), %(at)s::timestamptz + n * interval '1 s', %(service)s, 'sms',"
        " 'normal', gen_random_uuid(), 1, repeat('x', 500), 'delivered' from generate_series(1, 9000) n",
        at=ago(9),
        service=SERVICE.id,
    )
    assert (await purge(aged.store, NIGHT))["messages"] == 9000
    assert await aged.ids() == {theirs}
    assert (await aged.rows("select sum(messages)::int as sum from archived_day")) == [{"sum": 9000}]


async def test_two_at_once_count_everything_once(aged):
    for _ in range(20):
        await aged.put(ago(9))
    await asyncio.gather(*(purge(aged.store, NIGHT) for _ in range(3)))
    assert await aged.rows("select messages from archived_day") == [{"messages": 20}]
    assert await aged.ids() == set()


@pytest.mark.parametrize("broken_off", ["while it leaves", "before it is dropped"])
async def test_what_was_broken_off_is_gone_on_with(aged, url, broken_off):
    await aged.put(ago(9))
    if broken_off == "while it leaves":
        await leave_unfinished(url, "notification_20260629")
    else:
        await aged.rows("alter table notification detach partition notification_20260629 concurrently")
    done = await purge(aged.store, NIGHT)
    assert (done["days"], done["messages"]) == (11, 1)
    assert await aged.rows("select messages from archived_day") == [{"messages": 1}]
    assert await aged.rows("select to_regclass('notification_20260629') as it") == [{"it": None}]


async def leave_unfinished(url: str, name: str) -> None:
    """As a purge leaves it that is stopped while it waits for somebody who reads."""
    async with await psycopg.AsyncConnection.connect(url) as reader:
        await reader.execute("select count(*) from notification")
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as purger:
            await purger.execute("set statement_timeout = '500ms'")
            with pytest.raises(psycopg.errors.QueryCanceled):
                await purger.execute(f"alter table notification detach partition {name} concurrently")


async def test_who_reads_for_long_delays_a_day_s_leaving_and_nobody_who_sends(aged, url):
    await aged.put(ago(9))
    async with await psycopg.AsyncConnection.connect(url) as reader:
        await reader.execute("select count(*) from notification")
        purging = asyncio.create_task(purge(aged.store, NIGHT, tries=1))
        while not purging.done():
            await aged.put(NIGHT)  # would wait as long as the reader if it had to
            await asyncio.sleep(0.01)
        with pytest.raises(DayHeldError, match="notification_20260620"):
            await purging
    assert (await purge(aged.store, NIGHT))["days"] == 11


async def test_texts_are_accepted_while_days_leave(aged):
    """`make bench-purge` has the same with a million messages, and says how long anybody waited."""
    async with aged.store.pool.connection() as connection:
        await ensure_days_ahead(connection)
    await aged.rows(
        "insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version,"
        " recipient, status) select gen_random_uuid(), %(at)s::timestamptz + n * interval '43 s', %(service)s, 'sms',"
        " 'normal', gen_random_uuid(), 1, repeat('x', 500), 'delivered' from generate_series(1, 20000) n",
        at=NIGHT - timedelta(days=10),
        service=SERVICE.id,
    )
    purging = asyncio.create_task(purge(aged.store, NIGHT))
    accepted = set()
    while not purging.done():
        new = text()
        await asyncio.wait_for(aged.store.notifications.add(new), 10)
        accepted.add(new.id)
    done = await purging
    assert done["days"] == 11
    assert done["messages"] > 4000
    assert accepted
    assert accepted <= await aged.ids()


def text() -> NewNotification:
    identifier, created_at = new_id()
    return NewNotification(
        id=identifier,
        created_at=created_at,
        service_id=uuid.UUID(SERVICE.id),
        channel="sms",
        key_type="normal",
        api_key_id=uuid.uuid4(),
        template_id=uuid.UUID(SERVICE.templates["sms"]),
        template_version=1,
        recipient="447700900123",
    )
