"""Messages that nobody says anything about any more."""

from datetime import UTC, datetime, timedelta

import pytest

from pillarbox.delivery.chores import find_again, give_up, look_for_what_is_stuck
from pillarbox.messages.london import to_london
from tests.support.aged import Aged

NIGHT = datetime(2026, 7, 8, 0, 5, tzinfo=UTC)


@pytest.fixture
async def aged(post):
    aged = Aged(post.store, post.service)
    today = to_london(NIGHT).date()
    await aged.days(today - timedelta(days=12), today)
    return aged


def ago(**time):
    return NIGHT - timedelta(**time)


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize("status", ["sending", "pending"])
async def test_without_a_receipt_for_three_days_a_message_has_failed(aged, channel, status):
    old = await aged.put(ago(hours=72, seconds=1), channel=channel, status=status)
    older = await aged.put(ago(days=11), channel=channel, status=status)
    young = await aged.put(ago(hours=71, minutes=59), channel=channel, status=status)
    assert await give_up(aged.store, NIGHT) == {"given_up": 2}
    assert [await aged.status(one) for one in (old, older, young)] == ["temporary-failure"] * 2 + [status]


@pytest.mark.parametrize(
    ("channel", "status"),
    [
        ("sms", "created"),
        ("sms", "sent"),
        ("sms", "delivered"),
        ("email", "permanent-failure"),
        ("letter", "sending"),
        ("letter", "created"),
    ],
)
async def test_others_are_left_as_they_are(aged, channel, status):
    other = await aged.put(ago(days=4), channel=channel, status=status)
    assert await give_up(aged.store, NIGHT) == {"given_up": 0}
    assert await aged.status(other) == status


async def test_the_service_is_told_once_and_the_timeline_says_why(post, aged):
    await post.call_back_at("https://example.com/told")
    old = await aged.put(ago(days=4), status="sending")
    for _ in range(2):
        await give_up(aged.store, NIGHT)
    (call,) = await post.outbox("callback")
    assert call["notification_id"] == old
    (event,) = (await post.notification(old))["timeline"]
    assert event["what"] == "timed out"
    assert event["at"].endswith("Z")


async def test_a_message_that_somebody_has_in_hand_is_left_to_them(post, aged):
    old = await aged.put(ago(days=4), status="sending")
    async with post.store.pool.connection() as connection, connection.transaction():
        await connection.execute("select from notification where id = %s for update", [old])
        assert await give_up(aged.store, NIGHT) == {"given_up": 0}
    assert await give_up(aged.store, NIGHT) == {"given_up": 1}


async def test_whatever_the_number_all_are_given_up(post, aged):
    await aged.rows(
        "insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version,"
        " recipient, status) select gen_random_uuid(), %(at)s::timestamptz + n * interval '1 s', gen_random_uuid(),"
        " 'email', 'normal', gen_random_uuid(), 1, repeat('x', 500), 'sending' from generate_series(1, 9000) n",
        at=ago(days=5),
    )
    assert await give_up(aged.store, NIGHT) == {"given_up": 9000}
    assert await aged.rows("select from notification where status = 'sending'") == []


@pytest.mark.parametrize("channel", ["sms", "email"])
async def test_a_message_that_nobody_has_in_hand_is_queued_again_once(post, aged, channel):
    lost = await aged.put(ago(hours=1, seconds=1), channel=channel, status="created")
    assert [await find_again(aged.store, NIGHT) for _ in range(2)] == [
        {"queued_again": 1},
        {"queued_again": 0},
    ]
    (row,) = await post.outbox()
    assert (row["kind"], row["notification_id"]) == ("deliver", lost)
    assert row["service_id"] == (await post.notification(lost))["service_id"]


@pytest.mark.parametrize(
    ("age", "channel", "status"),
    [
        ({"minutes": 59}, "sms", "created"),
        ({"days": 7, "seconds": 1}, "sms", "created"),
        ({"hours": 2}, "sms", "sending"),
        ({"hours": 2}, "email", "technical-failure"),
        ({"hours": 2}, "letter", "created"),
    ],
)
async def test_what_is_young_old_sent_or_on_paper_is_not_queued_again(post, aged, age, channel, status):
    await aged.put(ago(**age), channel=channel, status=status)
    assert await find_again(aged.store, NIGHT) == {"queued_again": 0}
    assert await post.outbox() == []


async def test_what_waits_for_its_next_try_is_not_lost(post):
    await post.text()
    later = datetime.now(UTC) + timedelta(hours=2)
    assert await find_again(post.store, later) == {"queued_again": 0}
    assert len(await post.outbox()) == 1


@pytest.mark.parametrize(
    ("late", "stuck"), [({"seconds": 590}, False), ({"seconds": 601}, True), ({"days": 2}, True)]
)
async def test_work_that_could_have_been_done_long_ago_is_warned_of(post, capfd, late, stuck):
    await post.text()
    await post.rows("update outbox set due = now() - %s::interval", timedelta(**late))
    await look_for_what_is_stuck(post.store, NIGHT)
    output = "".join(capfd.readouterr())
    assert ("work is stuck" in output) == stuck
    assert not stuck or ("deliver" in output and "handed_over_lately=False" in output)


async def test_posts_that_nobody_applies_are_warned_of(post, capfd):
    await post.rows(
        "insert into provider_post (provider, kind, body, due) values ('p', 'receipt', '', now() - interval '1 h')"
    )
    await look_for_what_is_stuck(post.store, NIGHT)
    assert "work is stuck" in "".join(capfd.readouterr())
