"""What nobody should send: `pillarbox serve` answers it with an error, keeps its memory, and serves the others."""

import asyncio
import json
import os
import resource
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import aiohttp
import psutil
import psycopg
import pytest

from tests.support.api import Api, api_in_processes, provisioned
from tests.support.factories import MadeService, document

SERVICE = MadeService("hostile")
SMS = "/v2/notifications/sms"
_MEGABYTE = 1_000_000
# 5,000 connections take files that shells seldom allow; ask for them by IDLE_CONNECTIONS=5000.
_IDLE = int(os.environ.get("IDLE_CONNECTIONS", "1000"))


@pytest.fixture(scope="module")
def api(databases, tmp_path_factory):
    with (
        provisioned(databases, document(SERVICE)) as url,
        api_in_processes(url, 1, tmp_path_factory.mktemp("api")) as running,
    ):
        yield running


def text(**changes: Any) -> dict[str, Any]:
    body = {
        "phone_number": "07900900123",
        "template_id": SERVICE.templates["sms"],
        "personalisation": {"name": "Jo"},
    }
    return body | changes


def nested(levels: int) -> bytes:
    """A text whose personalisation is so many levels deep."""
    deep = "[" * (levels - 2) + "]" * (levels - 2)
    return json.dumps(text()).replace('"Jo"', '"Jo", "deep": ' + deep).encode()


def raw(value: bytes) -> bytes:
    """A text with a value that only bytes can say."""
    return json.dumps(text()).encode().replace(b'"Jo"', value)


def stored(api: Api) -> int:
    with psycopg.connect(api.database_url) as connection:
        row = connection.execute("select count(*) from notification").fetchone()
    assert row is not None
    return int(row[0])


INVALID_JSON = (400, "BadRequestError", "Invalid JSON supplied in POST data")
UNSTORABLE = (404, "DataError", "No result found")

BODIES = {
    "ten thousand levels": (b"[" * 10_000 + b"]" * 10_000, INVALID_JSON),
    "ten thousand objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, INVALID_JSON),
    "deep personalisation": (nested(101), INVALID_JSON),
    "a million digits": (raw(b"1" * _MEGABYTE), INVALID_JSON),
    "a number out of range": (raw(b"1e999"), INVALID_JSON),
    "no number": (raw(b"NaN"), INVALID_JSON),
    "a lone surrogate": (raw(rb'"\ud800"'), INVALID_JSON),
    "a surrogate as bytes": (raw(b'"\xed\xa0\x80"'), INVALID_JSON),
    "no UTF-8": (raw(b'"\xff"'), INVALID_JSON),
    "UTF-16": (json.dumps(text()).encode("utf-16"), INVALID_JSON),
    "a mark in front": (b"\xef\xbb\xbf" + json.dumps(text()).encode(), INVALID_JSON),
    "two values": (b"{} {}", INVALID_JSON),
    "nothing": (b"", INVALID_JSON),
    "NUL in the reference": (json.dumps(text(reference="a\0b")).encode(), UNSTORABLE),
    "NUL in a value": (json.dumps(text(personalisation={"name": "a\0b"})).encode(), UNSTORABLE),
    "NUL deep in a value": (json.dumps(text(personalisation={"name": ["x", "\0"]})).encode(), UNSTORABLE),
    "NUL in a name": (json.dumps(text(personalisation={"name": "Jo", "a\0": "b"})).encode(), UNSTORABLE),
    "NUL in the number": (
        json.dumps(text(phone_number="07900900123\0")).encode(),
        (400, "ValidationError", "phone_number Must not contain letters or symbols"),
    ),
    "NUL in the template": (
        json.dumps(text(template_id="\0")).encode(),
        (400, "ValidationError", "template_id is not a valid UUID"),
    ),
    "NUL in a property": (
        json.dumps(text() | {"\0": 1}).encode(),
        (400, "ValidationError", "Additional properties are not allowed (\\x00 was unexpected)"),
    ),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
def test_bodies_that_nobody_should_send_get_a_clear_error_and_store_nothing(api, body, expected) -> None:
    before = stored(api)
    answer = api.ask(SERVICE, "POST", SMS, body)
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["error"], error["message"]) == expected
    assert stored(api) == before


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(nested(99), id="99 levels"),
        pytest.param(raw(b"1" * 4000), id="four thousand digits"),
        pytest.param(raw(rb'"a \\u0000 b"'), id="a backslash before u0000"),
        pytest.param(
            json.dumps(text(personalisation={"name": "Jo", "x": "y" * _MEGABYTE})).encode(), id="1 MB"
        ),
    ],
)
def test_odd_bodies_that_mean_something_are_taken_and_can_be_read_again(api, body) -> None:
    sent = api.ask(SERVICE, "POST", SMS, body, kind="test")
    if sent.status_code == 400:  # four thousand digits are too long for a text, which is a fair answer
        assert "too long" in sent.text
        return
    assert sent.status_code == 201
    shown = api.ask(SERVICE, "GET", f"/v2/notifications/{sent.json()['id']}")
    assert shown.json()["body"] == sent.json()["content"]["body"]


EMAIL = "/v2/notifications/email"
_EMAIL = {"email_address": "jo@example.com", "template_id": SERVICE.templates["email"]}


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ({"reference": "\0"}, 404),
        ({"personalisation": {"name": "\0"}}, 404),
        ({"email_address": "jo\0@example.com"}, 400),
        ({"one_click_unsubscribe_url": "https://example.com/\0"}, 400),
        ({"email_reply_to_id": "\0"}, 400),
        ({"scheduled_for": "\0"}, 400),
        ({"sanitise_content_for": ["\0"]}, 201),  # names nothing
    ],
)
def test_nul_in_any_field_of_an_email(api, field, status) -> None:
    answer = api.ask(
        SERVICE, "POST", EMAIL, _EMAIL | {"personalisation": {"name": "Jo"}} | field, kind="test"
    )
    assert answer.status_code == status


@pytest.mark.parametrize("field", ["address_line_1", "address_line_2", "postcode", "name"])
def test_nul_in_any_field_of_a_letter(api, field) -> None:
    address = {"address_line_1": "Jo", "address_line_2": "1 Street", "postcode": "SW1A 1AA", "name": "Jo"}
    body = {"template_id": SERVICE.templates["letter"], "personalisation": address | {field: "a\0"}}
    answer = api.ask(SERVICE, "POST", "/v2/notifications/letter", body)
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/notifications?reference=%00", 404),
        ("/v2/notifications?reference=a%00b", 404),
        ("/v2/notifications?status=%00", 400),
        ("/v2/notifications?%00=1", 400),
        ("/v2/notifications?older_than=%00", 400),
        ("/v2/notifications?reference=%ed%a0%80", 200),
        ("/v2/notifications/%00", 400),
        ("/v2/notifications/%ff%fe", 400),
        ("/v2/notifications/%00/pdf", 400),
        ("/v2/template/%00", 400),
        ("/v2/templates?type=%00", 400),
        ("/v2/received-text-messages?older_than=%00", 400),
        (f"/service/%00/template/{SERVICE.templates['sms']}/versions", 400),
        (f"/v2/template/{SERVICE.templates['sms']}/version/{'9' * 5000}", 404),
        (f"/v2/template/{SERVICE.templates['sms']}/version/{2**31}", 404),
        (f"/v2/template/{SERVICE.templates['sms']}/version/%D9%A1", 404),  # a digit, but none of ours
        ("/v2/notifications/" + "a" * 50_000, 400),
        ("/%00", 404),
        ("/..%2f..%2fetc", 404),
    ],
)
def test_paths_and_queries_that_nobody_should_send(api, path, status) -> None:
    answer = api.ask(SERVICE, "GET", path)
    assert answer.status_code == status
    assert len(answer.headers["request-id"]) == 32
    assert answer.json()


def test_unsubscribing_with_anything_for_a_token_is_refused(api) -> None:
    for token in ("%00", "x" * 5000, "%C3%A9", "=", "a" * 17):
        answer = api.ask(None, "POST", f"/unsubscribe/{SERVICE.id}/{token}")
        assert answer.status_code == 404
        assert answer.json()["result"] == "error"


def memory(api: Api) -> float:
    """Megabytes that the server's processes hold."""
    return sum(process.memory_info().rss for process in api.program.processes()) / _MEGABYTE


def chunks(megabytes: int) -> Iterator[bytes]:
    """A body that does not say how long it is."""
    yield b'{"reference": "'
    for _ in range(megabytes):
        yield b"x" * _MEGABYTE
    yield b'"}'


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(api) -> None:
    head = f"POST {SMS} HTTP/1.1\r\nHost: x\r\nAuthorization: {SERVICE.authorization()}\r\n"
    with connection(api) as talking:
        talking.sendall(f"{head}Content-Length: 50000000\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):  # not a byte of the body was sent
            answer += talking.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"RequestTooLargeError" in answer


async def test_bodies_of_fifty_megabytes_are_refused_and_do_not_fill_the_memory(api) -> None:
    before = memory(api)

    async def one(session: aiohttp.ClientSession) -> int:
        headers = {"Authorization": SERVICE.authorization()}
        try:
            async with session.post(api.base + SMS, data=_slowly(), headers=headers) as answer:
                assert (await answer.json())["errors"][0]["error"] in (
                    "RequestTooLargeError",
                    "ServiceUnavailableError",
                )
                return answer.status
        except aiohttp.ClientError:
            return 0  # hung up while we were still sending

    async with aiohttp.ClientSession() as session:
        statuses = set(await asyncio.gather(*(one(session) for _ in range(10))))
    assert statuses <= {413, 503, 0}
    assert 413 in statuses
    assert memory(api) - before < 200
    assert api.ask(SERVICE, "POST", SMS, text(), kind="test").status_code == 201


async def _slowly() -> Any:
    for chunk in chunks(50):
        yield chunk
        await asyncio.sleep(0)


def test_whoever_has_no_token_is_told_that_and_not_the_size(api) -> None:
    assert api.ask(None, "POST", SMS, b"x" * 11 * 1024 * 1024).status_code == 401


def connection(api: Api) -> socket.socket:
    host, port = api.base.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000, 431),
        (b"GET /" + b"a" * 200_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 50_000, 431),
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 400),
    ],
)
def test_what_is_no_http_is_answered_and_hung_up_on(api, sent, status) -> None:
    with connection(api) as talking:
        talking.sendall(sent)
        assert talking.recv(65536).startswith(f"HTTP/1.1 {status} ".encode())


async def test_others_are_answered_while_many_connections_say_nothing(api) -> None:
    allow_files(_IDLE + 500)
    before = memory(api)
    host, port = api.base.removeprefix("http://").split(":")
    with ExitStack() as open_ones:
        for number in range(_IDLE):
            talking = open_ones.enter_context(socket.create_connection((host, int(port)), timeout=10))
            if number % 2:  # every other one begins a request
                talking.sendall(b"POST /v2/notifications/sms HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
        seconds = await timed(api, 50)
        grown = memory(api) - before
    print(f"{_IDLE} idle connections: median {statistics.median(seconds) * 1000:.1f} ms, {grown:.0f} MB more")
    assert statistics.median(seconds) < 0.1
    assert grown < 50 + _IDLE * 0.05


async def timed(api: Api, times: int) -> list[float]:
    """How long so many requests take, one after another, each on a connection of its own."""
    seconds = []
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        for _ in range(times):
            started = time.perf_counter()
            headers = {"Authorization": SERVICE.authorization("test")}
            async with session.post(api.base + SMS, json=text(), headers=headers) as answer:
                assert answer.status == 201
            seconds.append(time.perf_counter() - started)
    return seconds


def allow_files(wanted: int) -> None:
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most), most))


async def test_others_are_answered_while_bodies_trickle_in(api) -> None:
    head = f"POST {SMS} HTTP/1.1\r\nHost: x\r\nAuthorization: {SERVICE.authorization()}\r\nContent-Length: 99\r\n\r\n"
    with ExitStack() as open_ones:
        slow = [open_ones.enter_context(connection(api)) for _ in range(100)]
        for talking in slow:
            talking.sendall(head.encode())
        for _ in range(3):
            for talking in slow:
                talking.sendall(b" ")
            assert statistics.median(await timed(api, 20)) < 0.1


# The latest moment that a UUID of version 7 can hold: in the year 10889, which no calendar of Python's has.
FAR_AWAY = "ffffffff-ffff-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/v2/notifications/{FAR_AWAY}", 404),
        (f"/v2/notifications/{FAR_AWAY}/pdf", 404),
        (f"/v2/notifications?older_than={FAR_AWAY}", 200),
        (f"/v2/received-text-messages?older_than={FAR_AWAY}", 200),
    ],
)
def test_an_id_from_beyond_the_calendar_is_an_id_of_nothing(api, path, status) -> None:
    assert api.ask(SERVICE, "GET", path).status_code == status


def test_no_process_died_and_nothing_crashed(api) -> None:
    """The last of this file: whatever was sent above, the log holds no crash."""
    assert "request failed" not in api.program.output
    assert "Traceback" not in api.program.output
    assert len([p for p in api.program.processes() if p.status() != psutil.STATUS_ZOMBIE]) == 1
