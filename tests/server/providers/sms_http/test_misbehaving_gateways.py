"""What becomes of a text when the gateway, or the way to it, misbehaves."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pillarbox.providers.base import Accepted, Busy, LookUpError, Rejected, Unknown
from pillarbox.providers.sms_http.provider import HttpGateway
from pillarbox.providers.sms_http.reading import read
from tests.support.gateway import HANG_UP, STALL, answer
from tests.support.gateways_of_ours import ID, message, opened
from tests.support.ports import free_port

PLAIN = """
values: {api: {}}
request: {url: "{api}/send", form: {to: "{to}", text: "{content}"}}
answers: {accepted: {where: [{json: id}]}, reference: {json: id}}
"""


async def submit(url, description=PLAIN, seconds=10.0):
    async with opened(HttpGateway("gateway", read(description), {"api": url}, 2, seconds)) as provider:
        return await provider.submit(message())


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (answer(200), Accepted(reference="theirs-1")),
        (answer(202), Accepted(reference="theirs-1")),
        (HANG_UP, Unknown("ServerDisconnectedError")),
        (answer(200)[:-5] + HANG_UP, Unknown("ClientPayloadError")),
        (answer(200, b"<html>Welcome!</html>"), Unknown("answered 200")),
        (answer(200, b""), Unknown("answered 200")),
        (answer(200, b"[" * 200_000), Unknown("answered 200")),
        (answer(200, b'{"id": "' + b"x" * 5_000_000 + b'"}'), Unknown("answered 200")),
        (answer(301, Location="https://example.com/"), Busy("answered 301")),
        (answer(307, Location="/elsewhere"), Busy("answered 307")),
        (answer(400), Rejected("answered 400")),
        (answer(401), Busy("answered 401")),
        (answer(404), Rejected("answered 404")),
        (answer(429, Retry_After="12"), Busy("answered 429", again_in=12.0)),
        (answer(429, Retry_After="999999999"), Busy("answered 429", again_in=3600.0)),
        (answer(429, Retry_After="9" * 5000), Busy("answered 429")),
        (answer(429, Retry_After="soon"), Busy("answered 429")),
        (answer(429, Retry_After="-1"), Busy("answered 429")),
        (answer(429), Busy("answered 429")),
        (answer(500), Busy("answered 500")),
        (answer(503, b"<html>", Retry_After="1"), Busy("answered 503", again_in=1.0)),
    ],
)
async def test_every_answer_means_something(gateway, script, expected):
    gateway.scripts.append(script)
    assert await submit(gateway.url) == expected
    assert len(gateway.asked) == 1


@pytest.mark.parametrize(
    "garbage", [b"\x00\xff" * 500, b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 999999 X\r\n\r\n"]
)
async def test_what_is_no_http_leaves_it_open_whether_the_text_arrived(gateway, garbage):
    gateway.scripts.append(garbage + HANG_UP)
    assert isinstance(await submit(gateway.url), Unknown)


async def test_a_moment_to_wait_for_becomes_seconds(gateway):
    moment = datetime.now(UTC) + timedelta(minutes=5)
    gateway.scripts.append(answer(503, Retry_After=format_datetime(moment, usegmt=True)))
    answered = await submit(gateway.url)
    assert 240 < answered.again_in <= 300


async def test_a_refused_connection_means_that_nothing_went_out():
    answered = await submit(f"http://127.0.0.1:{free_port()}")
    assert isinstance(answered, Busy)
    assert answered.reason.startswith("no connection: ")


async def test_a_name_that_leads_nowhere_means_that_nothing_went_out():
    assert isinstance(await submit("http://gateway.invalid"), Busy)


async def test_a_connection_that_cannot_be_secured_means_that_nothing_went_out(gateway):
    gateway.scripts.append(b"no TLS here" + HANG_UP)
    assert isinstance(await submit(f"https://127.0.0.1:{gateway.port}", seconds=0.6), Busy)


async def test_a_connection_that_does_not_come_about_in_time_means_that_nothing_went_out():
    with socket.socket() as full:  # it accepts nobody, and its queue takes few
        full.bind(("127.0.0.1", free_port()))
        full.listen(0)
        where = full.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(where)
        answered = await submit(f"http://127.0.0.1:{where[1]}", seconds=0.3)
        for one in waiting:
            one.close()
    assert answered == Busy("ConnectionTimeoutError")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200", answer(200)[:-5]])
async def test_silence_after_the_request_leaves_it_open_whether_the_text_arrived(gateway, said):
    gateway.scripts.append(said + STALL)
    assert await submit(gateway.url, seconds=0.5) == Unknown("TimeoutError")
    assert len(gateway.asked) == 1


async def test_texts_that_wait_too_long_for_a_connection_certainly_did_not_go_out(gateway):
    gateway.scripts += [STALL, STALL]
    async with opened(HttpGateway("gateway", read(PLAIN), {"api": gateway.url}, 2, 0.5)) as provider:
        answers = await asyncio.gather(*(provider.submit(message()) for _ in range(3)))
    assert [type(one) for one in answers] == [Unknown, Unknown, Busy]
    assert len(gateway.asked) == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
async def test_no_method_sends_a_text_again_by_itself(gateway, method):
    description = f'{{values: {{api: {{}}}}, request: {{method: {method}, url: "{{api}}/send?to={{to}}"}}}}'
    provider = HttpGateway("gateway", read(description), {"api": gateway.url})
    async with opened(provider):
        assert await provider.submit(message()) == Accepted()  # leaves a connection that is kept
        gateway.scripts.append(HANG_UP)
        assert isinstance(await provider.submit(message()), Unknown)
    assert len(gateway.asked) == 2


async def test_connections_are_kept_and_so_many_are_open_at_most(gateway):
    async with opened(HttpGateway("gateway", read(PLAIN), {"api": gateway.url}, connections=2)) as provider:
        for _ in range(5):
            await asyncio.gather(*(provider.submit(message()) for _ in range(4)))
    assert len(gateway.asked) == 20
    assert gateway.connections <= 2


async def test_an_answer_that_is_too_long_does_not_spoil_the_next(gateway):
    gateway.scripts.append(answer(200, b"x" * 3_000_000))
    async with opened(HttpGateway("gateway", read(PLAIN), {"api": gateway.url}, connections=1)) as provider:
        assert await provider.submit(message()) == Unknown("answered 200")
        assert await provider.submit(message()) == Accepted(reference="theirs-1")


DESCRIBED = """
values: {api: {}}
request: {url: "{api}/send", form: {to: "{to}"}}
answers:
  code: {json: code}
  reason: {json: why}
  rejected: {statuses: [503], codes: ["no"]}
  busy: {statuses: [409], codes: ["later"]}
  account: {codes: ["unpaid"]}
  unknown: {statuses: [504, 4xx], codes: ["perhaps"]}
"""


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (503, b"{}", Rejected("answered 503")),
        (500, b"{}", Busy("answered 500")),
        (504, b"{}", Unknown("answered 504")),
        (409, b"{}", Busy("answered 409")),
        (404, b"{}", Unknown("answered 404")),
        (429, b"{}", Unknown("answered 429")),
        (500, b'{"code": "no"}', Rejected("answered 500 no", "no")),
        (400, b'{"code": "later"}', Busy("answered 400 later", "later")),
        (400, b'{"code": "unpaid"}', Busy("answered 400 unpaid", "unpaid")),
        (503, b'{"code": "perhaps"}', Unknown("answered 503 perhaps")),
        (503, b'{"why": "07700 900123 and jo@example.com are barred"}', Rejected("answered 503 … and … are barred")),
        (503, b'{"why": {"not": "a text"}}', Rejected("answered 503")),
    ],
)  # fmt: skip
async def test_the_description_says_what_answers_mean_codes_before_statuses(gateway, status, body, expected):
    gateway.scripts.append(answer(status, body))
    assert await submit(gateway.url, DESCRIBED) == expected


ASKED = (
    PLAIN
    + """
recognises_reference: true
look_up:
  request: {method: GET, url: "{api}/messages/{reference}"}
  found: {statuses: [200], where: [{json: id}]}
  reference: {json: id}
probe:
  request: {method: GET, url: "{api}/well"}
"""
)


async def test_a_gateway_can_be_asked_for_a_message(gateway):
    gateway.scripts += [answer(200), answer(404)]
    async with opened(HttpGateway("gateway", read(ASKED), {"api": gateway.url})) as provider:
        assert provider.recognises
        assert provider.can_look_up
        assert await provider.look_up(ID) == Accepted(reference="theirs-1")
        assert await provider.look_up(ID) is None
    assert [one.target for one in gateway.asked] == [f"/messages/{ID}"] * 2


@pytest.mark.parametrize("script", [answer(500), answer(200, b"{}"), answer(403), HANG_UP])
async def test_a_gateway_that_does_not_say_is_not_taken_for_one_that_has_no_message(gateway, script):
    gateway.scripts.append(script)
    async with opened(HttpGateway("gateway", read(ASKED), {"api": gateway.url})) as provider:
        with pytest.raises(LookUpError):
            await provider.look_up(ID)


async def test_a_probe_asks_what_the_description_says(gateway):
    gateway.scripts += [answer(200), answer(401), HANG_UP]
    async with opened(HttpGateway("gateway", read(ASKED), {"api": gateway.url})) as provider:
        said = [await provider.probe() for _ in range(3)]
    assert said == [None, "answered 401", "ServerDisconnectedError"]


async def test_without_a_description_a_probe_sees_whether_somebody_listens(gateway):
    provider = HttpGateway("gateway", read(PLAIN), {"api": gateway.url})
    assert await provider.probe() is None
    assert not gateway.asked
    nobody = HttpGateway("gateway", read(PLAIN), {"api": f"http://127.0.0.1:{free_port()}"})
    assert (await nobody.probe()).startswith("no connection: ")
    assert not provider.can_look_up
