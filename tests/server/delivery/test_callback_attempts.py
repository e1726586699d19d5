"""Every attempt to call a service back is on record, with what came of it."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from pillarbox.delivery.calling_back import call_back
from pillarbox.providers.base import Accepted
from pillarbox.store.callback_attempts import AttemptsQuery
from tests.support.callback_endpoint import endpoint
from tests.support.delivering import TOKEN
from tests.support.gateway import gateway


@pytest.fixture
async def called():
    async with endpoint() as called:
        yield called


async def report(post, routes, **more):
    routes.sms.ways[0].provider.answers = [Accepted(receipt="delivered")]
    identifier = await post.text(**more)
    await post.work(routes)
    return identifier


async def attempts(post, most=10, **query):
    return await post.store.callback_attempts.newest(AttemptsQuery(**query), most)


async def test_an_attempt_is_recorded_with_all_that_is_known_of_it(post, routes, called):
    await post.call_back_at(called.url)
    called.answers, called.says = [201], b"thank you"
    identifier = await report(post, routes)
    await post.work(routes)
    (attempt,) = await attempts(post)
    row = await post.notification(identifier)
    assert (attempt.message_id, attempt.created_at) == (identifier, row["created_at"])
    assert (attempt.kind, attempt.channel, str(attempt.service_id)) == (
        "delivery_status",
        "sms",
        post.service.id,
    )
    assert (attempt.attempt, attempt.url, attempt.status, attempt.outcome) == (1, called.url, 201, "done")
    assert (attempt.answer, attempt.reason) == ("thank you", "Created")
    assert attempt.webhook_id == called.calls[0].headers["webhook-id"]
    assert abs(attempt.attempted_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert 0 < attempt.seconds < 60


async def test_a_call_is_done_with_and_on_record_in_one_commit_so_that_no_crash_comes_between(
    post, routes, called
):
    await post.call_back_at(called.url)
    await report(post, routes)
    settlement = await call_back(await post.call_one(), post.store, routes.callbacks)
    assert len(called.calls) == 1
    assert (await attempts(post), len(await post.outbox())) == ([], 1)
    await post.store.outbox.settle([settlement])
    assert (len(await attempts(post)), await post.outbox()) == (1, [])


async def test_a_call_whose_lease_ran_out_is_on_record_all_the_same(post, routes, called):
    await post.call_back_at(called.url)
    await report(post, routes)
    settlement = await call_back(await post.call_one(), post.store, routes.callbacks)
    await post.make_all_due()
    await post.call_one()  # by somebody else
    await post.store.outbox.settle([settlement])
    assert (len(await attempts(post)), len(await post.outbox())) == (1, 1)


async def test_what_an_answer_says_need_not_be_text(post, routes):
    async with gateway() as nonsense:
        nonsense.scripts = [b"HTTP/1.1 500 \xff\xfe\xed\xa0\x80\r\nContent-Length: 2\r\n\r\n\xff\xfe"]
        await post.call_back_at(nonsense.url)
        await report(post, routes)
        await post.work(routes)
    (attempt,) = await attempts(post)
    assert (attempt.status, attempt.outcome, attempt.answer) == (500, "again", "\ufffd\ufffd")


async def test_each_retry_is_an_attempt_and_the_last_one_gives_up(post, routes, called):
    await post.call_back_at(called.url)
    called.answers = [503] * 10
    await report(post, routes)
    for _ in range(7):
        await post.work(routes)
        await post.make_all_due()
    assert [(one.attempt, one.outcome) for one in await attempts(post)] == [
        (6, "gave up"),
        *((number, "again") for number in range(5, 0, -1)),
    ]
    assert await post.outbox() == []


@pytest.mark.parametrize(
    ("url", "outcome", "says"),
    [
        ("http://127.0.0.1:9/called", "again", "onnect"),
        ("no url at all", "failed", "only http and https"),
        ("http://[::1/", "failed", "cannot be called"),
    ],
)
async def test_what_got_no_answer_is_recorded_with_its_reason(post, routes, url, outcome, says):
    await post.call_back_at(url)
    await report(post, routes)
    await post.work(routes)
    (attempt,) = await attempts(post)
    assert (attempt.status, attempt.outcome, attempt.url) == (None, outcome, url)
    assert says in attempt.reason


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"", ""),
        (b"x" * 5000, "x" * 1024),
        (b"a\0b\xff\xfe", "ab\ufffd\ufffd"),
        ("é".encode() * 512 + b"more", "é" * 512),
    ],
)
async def test_the_first_kilobyte_of_any_answer_is_kept(post, routes, called, said, kept):
    await post.call_back_at(called.url)
    called.answers, called.says = [400], said
    await report(post, routes)
    await post.work(routes)
    (attempt,) = await attempts(post)
    assert (attempt.answer, attempt.outcome) == (kept, "failed")


async def test_many_attempts_are_recorded_together(post, routes, called):
    await post.call_back_at(called.url)
    ids = {await report(post, routes) for _ in range(20)}
    await post.work(routes, rounds=2)
    recorded = await attempts(post, most=100)
    assert {one.message_id for one in recorded} == ids
    assert len(recorded) == 20


async def test_attempts_are_found_by_service_message_time_and_outcome(post, routes, called):
    await post.call_back_at(called.url)
    called.answers = [404]
    failed = await report(post, routes)
    await post.work(routes)
    done = await report(post, routes)
    await post.work(routes)
    last, first = await attempts(post)
    for query, ids in [
        ({}, [done, failed]),
        ({"service": uuid.UUID(post.service.id)}, [done, failed]),
        ({"service": uuid.uuid4()}, []),
        ({"message": failed}, [failed]),
        ({"outcomes": ("failed", "gave up")}, [failed]),
        ({"since": last.attempted_at}, [done]),
        ({"until": last.attempted_at}, [failed]),
        ({"since": first.attempted_at, "until": last.attempted_at}, [failed]),
    ]:
        assert [one.message_id for one in await attempts(post, **query)] == ids, query
    assert [one.message_id for one in await attempts(post, most=1)] == [done]


async def test_logs_say_what_became_of_a_call_and_name_nobody(post, routes, called):
    await post.call_back_at(f"{called.base}/07700900123-is-fine?secret=1#2")
    called.answers, called.says = [404], b"no 07900900123 here"
    with capture_logs() as logs:
        identifier = await report(post, routes, to="07900900123")
        await post.work(routes)
    (line,) = [line for line in logs if line["event"] == "callback failed"]
    assert (line["message_id"], line["status"], line["outcome"]) == (str(identifier), 404, "failed")
    assert (line["kind"], line["log_level"]) == ("delivery_status", "warning")
    assert line["url"] == f"{called.base}/07700900123-is-fine"
    said = json.dumps(logs, default=str)
    assert not any(word in said for word in (TOKEN, "07900900123", "secret"))
