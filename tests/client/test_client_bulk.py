"""Sending many messages: order, pace, what is refused, and going on after an interruption."""

import io
import json
import math
import random
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications_python_client import NotificationsAPIClient, Retries
from notifications_python_client._pacing import Pacer
from notifications_python_client._progress_bar import ProgressBar, line
from notifications_python_client.bulk import Progress, SendingStoppedError
from tests.client import own_loop
from tests.client.stub_server import StubServer

FAST = 60_000_000


class Accepting(StubServer):
    """Accepts every message but those that `refuse` has an answer for, by phone number."""

    def __enter__(self):
        self.refuse = {}
        self.under_way = self.most_under_way = 0
        self.lock = threading.Lock()
        return super().__enter__()

    def next_answer(self, seen):
        number = seen.json.get("phone_number", "")
        if self.refuse.get(number):
            return self.refuse[number].pop(0)
        return {"status": 201, "json": {"id": f"id of {number}"}}

    def _answer(self, handler):
        with self.lock:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        super()._answer(handler)
        with self.lock:
            self.under_way -= 1


def failure(status, name):
    return {"status": status, "json": {"errors": [{"error": name, "message": "m"}]}}


def texts(count):
    return [{"phone_number": str(n), "template_id": "t"} for n in range(count)]


@pytest.fixture
def server():
    with Accepting() as server:
        yield server


class Both:
    """The same bulk send with either client."""

    def __init__(self, kind, url, key):
        self.kind, self.url, self.key = kind, url, key

    def send_many(self, messages, retries=None, **options):
        options = {"rate_limit": FAST, "concurrency": 8, **options}
        if self.kind == "sync":
            with NotificationsAPIClient(self.key, self.url, retries=retries) as client:
                return client.send_many(messages, **options)
        return own_loop.run(self._async(messages, retries, options))

    async def _async(self, messages, retries, options):
        from notifications_python_client import AsyncNotificationsAPIClient

        async with AsyncNotificationsAPIClient(self.key, self.url, retries=retries) as client:
            return await client.send_many(messages, **options)


@pytest.fixture(params=["sync", "async"])
def sender(request, server, api_key):
    if request.param == "async":
        pytest.importorskip("aiohttp")
    return Both(request.param, server.url, api_key)


def test_outcomes_come_in_the_messages_order(sender, server):
    outcomes = sender.send_many(iter(texts(100)))
    assert [o.id for o in outcomes] == [f"id of {n}" for n in range(100)]
    assert [o.index for o in outcomes] == list(range(100))
    assert all(o.accepted for o in outcomes)
    assert 1 < server.most_under_way <= 8


def test_a_refused_message_does_not_stop_the_others(sender, server):
    server.refuse = {"3": [failure(400, "ValidationError")]}
    outcomes = sender.send_many(texts(5))
    assert [o.accepted for o in outcomes] == [True, True, True, False, True]
    assert outcomes[3].errors == [{"error": "ValidationError", "message": "m"}]
    assert (outcomes[3].status_code, outcomes[3].final) == (400, True)


def test_every_channel_finds_its_route(sender, server):
    messages = [
        {"phone_number": "1", "template_id": "t", "sms_sender_id": "s"},
        {"email_address": "a@b.uk", "template_id": "t", "reference": "r"},
        {"template_id": "t", "personalisation": {"address_line_1": "a"}},
    ]
    sender.send_many(messages, concurrency=1)
    assert [s.path.rsplit("/", 1)[1] for s in server.seen] == ["sms", "email", "letter"]
    assert [s.json for s in server.seen] == messages


@pytest.mark.parametrize(
    "message",
    [
        {"phone_number": "1"},
        {"phone_number": "1", "email_address": "a", "template_id": "t"},
        {"email_address": "a", "template_id": "t", "sms_sender_id": "s"},
        {"template_id": "t", "phone": "1"},
    ],
)
def test_a_malformed_message_is_refused_without_a_request(sender, server, message):
    outcomes = sender.send_many([message])
    assert not outcomes[0].accepted
    assert server.seen == []


def test_too_fast_is_tried_again_even_without_retries(sender, server):
    server.refuse = {"1": [failure(429, "RateLimitError")]}
    assert all(o.accepted for o in sender.send_many(texts(3)))
    assert len(server.seen) == 4


@pytest.mark.parametrize("answer", [failure(403, "AuthError"), failure(429, "TooManyRequestsError"), None])
def test_what_would_fail_all_stops_the_run(sender, server, answer):
    server.refuse = {"5": [answer]}
    with pytest.raises(SendingStoppedError) as raised:
        sender.send_many(texts(100), concurrency=1)
    assert [o.accepted for o in raised.value.outcomes] == [True] * 5 + [False]
    assert raised.value.outcomes[5].final is False
    assert len(server.seen) == 6


def test_a_run_goes_on_from_its_result_file(sender, server, tmp_path):
    file = tmp_path / "results.jsonl"
    server.refuse = {"2": [failure(400, "ValidationError")], "5": [None]}
    with pytest.raises(SendingStoppedError):
        sender.send_many(texts(10), results=file, concurrency=1)
    first = len(server.seen)
    outcomes = sender.send_many(texts(10), results=file, concurrency=1)
    assert [s.json["phone_number"] for s in server.seen[first:]] == ["5", "6", "7", "8", "9"]
    assert [o.accepted for o in outcomes] == [n != 2 for n in range(10)]
    assert [o.earlier for o in outcomes] == [n < 5 for n in range(10)]
    lost, found = (s.headers["Idempotency-Key"] for s in server.seen if s.json["phone_number"] == "5")
    assert lost == found


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({}, [False, True]),  # what was refused was taken by nobody
        ({"retries": True}, [True, True]),
        ({"results": True}, [True, True]),
    ],
)
def test_a_send_that_may_have_been_taken_is_repeated_under_the_key_it_had(
    sender, server, tmp_path, options, keys
):
    server.refuse = {"1": [failure(429, "RateLimitError")]}
    more = {
        name: tmp_path / "results.jsonl" if name == "results" else value for name, value in options.items()
    }
    assert [o.accepted for o in sender.send_many(texts(3), **more)] == [True] * 3
    sent = [seen.headers.get("Idempotency-Key") for seen in server.seen if seen.json["phone_number"] == "1"]
    assert [key is not None for key in sent] == keys
    assert len(set(filter(None, sent))) == 1
    others = [seen.headers.get("Idempotency-Key") for seen in server.seen if seen.json["phone_number"] != "1"]
    assert [key is not None for key in others] == keys[:1] * 2


def test_a_result_file_survives_a_torn_last_line(sender, server, tmp_path):
    file = tmp_path / "results.jsonl"
    sender.send_many(texts(3), results=file, concurrency=1)
    file.write_text(file.read_text()[:-20])
    outcomes = sender.send_many(texts(4), results=file, concurrency=1)
    assert [o.earlier for o in outcomes] == [True, True, False, False]
    assert [o.earlier for o in sender.send_many(texts(4), results=file)] == [True] * 4


def test_a_result_file_holds_no_recipients(sender, server, tmp_path):
    file = tmp_path / "results.jsonl"
    server.next_answer = lambda seen: {"status": 201, "json": {"id": "1"}}
    sender.send_many([{"phone_number": "07900900123", "template_id": "t"}], results=file)
    assert "07900900123" not in file.read_text()


def test_a_result_file_of_other_messages_is_refused(sender, server, tmp_path):
    file = tmp_path / "results.jsonl"
    sender.send_many(texts(3), results=file)
    with pytest.raises(ValueError, match="Message 0 is not the one"):
        sender.send_many(texts(3)[::-1], results=file)


@pytest.mark.parametrize("content", ["something else\n", "something else", "{}\n"])
def test_a_file_of_another_kind_is_left_alone(sender, server, tmp_path, content):
    file = tmp_path / "results.jsonl"
    file.write_text(content)
    with pytest.raises(ValueError, match="is not a result file"):
        sender.send_many(texts(3), results=file)
    assert file.read_text() == content


def test_a_run_that_died_at_its_first_line_can_begin_again(sender, server, tmp_path):
    file = tmp_path / "results.jsonl"
    file.write_text('{"run')
    sender.send_many(texts(3), results=file)
    assert all(outcome.earlier for outcome in sender.send_many(texts(3), results=file))


def test_a_refused_message_can_be_put_right(sender, server, tmp_path):
    file = tmp_path / "results.jsonl"
    server.refuse = {"1": [failure(400, "ValidationError")]}
    sender.send_many(texts(3), results=file)
    mended = texts(3)
    mended[1]["phone_number"] = "9"
    assert [o.id for o in sender.send_many(mended, results=file)] == ["id of 0", "id of 9", "id of 2"]
    assert len(server.seen) == 4


def test_messages_that_cannot_be_read_end_the_run(sender, server):
    def broken():
        yield from texts(3)
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        sender.send_many(broken(), concurrency=4)
    assert len(server.seen) <= 3


def test_progress_is_told_after_each_message(sender, server):
    server.refuse = {"1": [failure(400, "ValidationError")]}
    told = []
    sender.send_many(texts(4), progress=told.append)
    assert [p.done for p in told] == [1, 2, 3, 4]
    assert (told[-1].accepted, told[-1].refused, told[-1].total) == (3, 1, 4)


class Bucket:
    """The server's token bucket, as section 5 of the contract has it."""

    def __init__(self, per_minute, now):
        self.size = min(math.ceil(per_minute / 3) + 1, 1000)
        self.rate, self.tokens, self.at = per_minute / 60, self.size, now

    def accepts(self, now):
        whole = int((now - self.at) * self.rate)
        self.tokens = min(self.size, self.tokens + whole)
        self.at += whole / self.rate
        self.tokens = max(0, self.tokens - 1)
        return self.tokens >= 1


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([3, 30, 600, 3000, 60000]), st.integers(0, 2**32), st.floats(0, 0.2))
def test_the_pace_stays_inside_the_servers_bucket(per_minute, seed, latency):
    rng, now = random.Random(seed), [0.0]
    pacer, bucket = Pacer(per_minute, clock=lambda: now[0]), Bucket(per_minute, 0.0)
    arrivals = sorted(pacer.take() + rng.uniform(0, latency) for _ in range(3000))
    assert all(bucket.accepts(at) for at in arrivals)


def test_the_pace_is_not_slower_than_the_limit_allows():
    pacer = Pacer(3000, clock=lambda: 0.0)
    assert [pacer.take() for _ in range(899)] == [0.0] * 899
    assert [pacer.take() for _ in range(5001)][-1] == pytest.approx(100, rel=0.01)


def test_a_refusal_holds_everybody_back():
    pacer = Pacer(600, clock=lambda: 0.0)
    pacer.hold_back()
    assert pacer.take() == pytest.approx(1.1)


def test_the_pace_is_learned_from_a_refusal():
    pacer = Pacer(None, clock=lambda: 0.0)
    assert [pacer.take() for _ in range(5000)][-1] < 0.001
    pacer.hold_back("Exceeded rate limit for key type LIVE of 600 requests per 60 seconds")
    assert pacer.take() == pytest.approx(1.1)
    assert [pacer.take() for _ in range(100)][-1] == pytest.approx(11.1)


@pytest.mark.parametrize(
    "said", ["", "Exceeded", "of 0 requests per 0 seconds", "9000 requests per 60 seconds"]
)
def test_a_refusal_never_makes_it_faster(said):
    pacer = Pacer(600, clock=lambda: 0.0)
    pacer.hold_back(said)
    assert pacer.rate == 10


class Limited(Accepting):
    """Refuses what the bucket of a service with 600 requests a minute has no token for."""

    def __enter__(self):
        self.bucket = Bucket(600, time.monotonic())
        self.refused = 0
        return super().__enter__()

    def next_answer(self, seen):
        with self.lock:
            if self.bucket.accepts(time.monotonic()):
                return super().next_answer(seen)
            self.refused += 1
        message = "Exceeded rate limit for key type LIVE of 600 requests per 60 seconds"
        error = {"error": "RateLimitError", "message": message}
        return {"status": 429, "json": {"status_code": 429, "errors": [error]}}


@pytest.mark.parametrize("rate_limit", [None, FAST])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_client_that_does_not_know_the_rate_loses_nothing(kind, api_key, rate_limit):
    if kind == "async":
        pytest.importorskip("aiohttp")
    with Limited() as server:
        outcomes = Both(kind, server.url, api_key).send_many(texts(260), rate_limit=rate_limit, retries=2)
        taken = {outcome.id for outcome in outcomes if outcome.accepted}
        assert len(taken) == 260
        # Those under way at the first refusal, and now and then another.
        assert 1 <= server.refused <= 60
        assert len(server.seen) == 260 + server.refused


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_must_be_positive(limit):
    with pytest.raises(ValueError, match="more than 0"):
        Pacer(limit)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_bar_is_for_terminals_only():
    progress = Progress(5, 4, 1, 10, 2.0)
    assert line(progress) == "[###############...............] 5/10, 1 refused, 2/s"
    assert line(Progress(5, 4, 1, None, 0.0)) == "5 sent, 1 refused, 0/s"
    for stream, drawn in [(Terminal(), True), (io.StringIO(), False)]:
        bar = ProgressBar(stream)
        bar(progress)
        bar.close()
        assert ("5/10" in stream.getvalue()) is drawn


def test_results_are_lines_of_json(sender, tmp_path):
    file = tmp_path / "results.jsonl"
    sender.send_many(texts(2), results=str(file), retries=Retries())
    rows = [json.loads(text) for text in file.read_text().splitlines()]
    assert "run" in rows[0]
    assert sorted(row["index"] for row in rows[1:]) == [0, 1]
