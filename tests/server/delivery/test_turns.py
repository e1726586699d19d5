"""Services take turns: one with a large backlog does not keep the others waiting."""

from collections import Counter
from uuid import UUID, uuid4

import pytest

from pillarbox.store.outbox import Shares

BACKLOG = 3000


async def queue(post, service_id, count, *, kind="deliver", lane=0, due_in=0):
    """Rows in the outbox that are due so many seconds from now; their message is of no interest."""
    message = await post.text()
    await post.rows(
        "update outbox set due = now() + interval '1 day' where service_id = %s and kind = 'deliver'"
        " and notification_id = %s",
        post.service.id,
        message,
    )
    await post.rows(
        "insert into outbox (kind, lane, service_id, notification_id, notification_created_at, due, payload)"
        " select %s, %s, %s, id, created_at, now() + %s * interval '1 second', '{}'"
        " from notification, generate_series(1, %s) where id = %s",
        kind,
        lane,
        service_id,
        due_in,
        count,
        message,
    )


def ids(count):
    return sorted(uuid4() for _ in range(count))


async def calls_of(post, most, shares=None):
    return Counter(call.service_id for call in await post.store.outbox.claim_calls(most, shares))


async def test_each_service_gets_the_same_share_of_a_claim(post):
    large, small = ids(2)
    await queue(post, large, BACKLOG, kind="callback")
    await queue(post, small, BACKLOG, kind="callback")
    assert await calls_of(post, 100) == {large: 50, small: 50}


async def test_a_single_message_is_in_the_next_claim_whatever_others_have_due(post):
    large, small = ids(2)
    await queue(post, large, BACKLOG, kind="callback")
    await calls_of(post, 100)
    await queue(post, small, 1, kind="callback")
    assert (await calls_of(post, 100))[small] == 1


async def test_a_service_alone_gets_all_there_is_room_for(post):
    (only,) = ids(1)
    await queue(post, only, 150, kind="callback")
    assert await calls_of(post, 100) == {only: 100}


async def test_people_who_wait_get_all_the_room_that_bulk_sends_leave(post):
    await queue(post, UUID(post.service.id), 100)
    await queue(post, UUID(post.service.id), 3, lane=1)
    assert len(await post.store.outbox.claim(80)) == 80


async def test_services_get_no_more_than_their_share_and_nothing_when_they_are_full(post):
    full, quick, other = ids(3)
    for service_id in (full, quick, other):
        await queue(post, service_id, 50, kind="callback")
    shares = Shares(of_each=7, of_quick=20, quick=[full, quick], full=[full])
    assert await calls_of(post, 100, shares) == {quick: 20, other: 7}


async def test_those_whose_rows_are_not_due_yet_take_nobody_s_turn_for_long(post):
    """More services than take turns in one claim have only rows for later: the one behind them is found anyway."""
    for service_id in ids(130):
        await queue(post, service_id, 1, kind="callback", due_in=600)
    late = UUID(int=2**128 - 1)
    early = UUID(int=1)
    await queue(post, late, 1, kind="callback")
    assert await calls_of(post, 10) == {late: 1}
    await queue(post, early, 1, kind="callback")
    assert await calls_of(post, 10) == {early: 1}
    assert await calls_of(post, 10) == {}


async def test_with_more_services_than_take_turns_at_once_all_are_served_in_the_end(post):
    services = ids(230)
    for service_id in services:
        await queue(post, service_id, 1, kind="callback")
    served: Counter[UUID] = Counter()
    for _ in range(6):
        served += await calls_of(post, 100)
    assert served == dict.fromkeys(services, 1)


@pytest.mark.parametrize("first", [0, 1])
async def test_bulk_sends_get_an_eighth_even_while_people_wait(post, first):
    await queue(post, UUID(post.service.id), 500, lane=first)
    await queue(post, UUID(post.service.id), 500, lane=1 - first)
    await post.store.outbox.claim(80)
    lanes = await post.rows(
        "select lane, count(*) from outbox where attempts = 1 group by lane order by lane"
    )
    assert [(row["lane"], row["count"]) for row in lanes] == [(0, 70), (1, 10)]


async def test_a_claim_looks_only_at_what_it_takes(post):
    """A plan that read all that is due would get slower with every message that waits."""
    large, small = ids(2)
    await queue(post, large, BACKLOG, kind="callback")
    await queue(post, small, 5, kind="callback")
    before = await _rows_read(post)
    await calls_of(post, 20)
    assert await _rows_read(post) - before < 500


async def _rows_read(post):
    await post.rows("select pg_stat_force_next_flush()")
    (row,) = await post.rows(
        "select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as read"
        " from pg_stat_user_tables where relname = 'outbox'"
    )
    return row["read"]
