"""The asyncio client does what the other does: the same recorded cases, the same retries and errors."""

import asyncio
import io
import socket

import pytest

from notifications_python_client import Retries, errors
from tests.client import test_cases
from tests.client.stub_server import StubServer
from tests.client.test_client_dropin import InsertingServer

pytest.importorskip("aiohttp")

from notifications_python_client import AsyncNotificationsAPIClient

CASES = [
    case
    for case in test_cases.cases()
    if case.values[0]["call"] and "method" in case.values[0]["call"] and case.values[0]["construct"]
]
BUSY = {"status": 503, "json": {"message": "busy"}}
SENT = {"status": 201, "json": {"id": "1"}}


async def run(case, stub):
    construct = test_cases.plain(case["construct"], stub)
    call = test_cases.plain(case["call"], stub)
    async with AsyncNotificationsAPIClient(*construct["args"], **construct["kwargs"]) as client:
        answer = getattr(client, call["method"])(*call["args"], **call["kwargs"])
        if call.get("collect"):
            return [item async for item in answer]
        return await answer if asyncio.iscoroutine(answer) else answer


@pytest.mark.parametrize("case", CASES)
async def test_behaves_as_recorded(case):
    expect = case["expect"]
    with StubServer(case["server"]) as stub:
        if "raises" in expect:
            with pytest.raises(Exception) as raised:
                await run(case, stub.url)
            test_cases.check_raised(raised.value, expect["raises"])
        else:
            answer = await run(case, stub.url)
            if "returns" in expect:
                got = answer.getvalue() if isinstance(answer, io.BytesIO) else answer
                assert got == test_cases.plain(expect["returns"], stub.url)
    if "requests" in expect:
        assert len(stub.seen) == len(expect["requests"])
        for seen, expected in zip(stub.seen, expect["requests"]):
            test_cases.check_request(seen, expected)


async def test_connections_are_used_again(stub, api_key):
    stub.answers += [SENT] * 5
    async with AsyncNotificationsAPIClient(api_key, stub.url) as client:
        for _ in range(5):
            await client.get_template("1")
    assert stub.connections == 1


async def test_a_send_is_tried_again_under_its_key(stub, api_key):
    stub.answers += [BUSY, None, SENT]
    async with AsyncNotificationsAPIClient(api_key, stub.url, retries=Retries(first_wait=0.01)) as client:
        assert await client.send_sms_notification("07900900123", "t") == {"id": "1"}
    assert len({seen.headers["Idempotency-Key"] for seen in stub.seen}) == 1


async def test_silence_is_a_timeout(api_key):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        async with AsyncNotificationsAPIClient(api_key, url, timeout=0.05) as client:
            with pytest.raises(errors.RequestTimeoutError):
                await client.get_template("1")


async def test_a_lost_connection_is_a_network_error(stub, api_key):
    stub.answers.append(None)
    async with AsyncNotificationsAPIClient(api_key, stub.url, timeout=(1, 1)) as client:
        with pytest.raises(errors.NetworkError):
            await client.send_sms_notification("07900900123", "t")


async def test_success_without_json_is_an_invalid_response(stub, api_key):
    stub.answers.append({"status": 200, "text": "<html>"})
    async with AsyncNotificationsAPIClient(api_key, stub.url) as client:
        with pytest.raises(errors.InvalidResponse):
            await client.get_template("1")


async def test_an_id_leads_to_no_other_route(stub, api_key):
    stub.answers.append(SENT)
    async with AsyncNotificationsAPIClient(api_key, stub.url) as client:
        await client.get_notification_by_id("../received-text-messages?a=b")
    assert stub.seen[0].path.startswith("/v2/notifications/..%2F")


@pytest.mark.parametrize("method", ["get_all_notifications_iterator", "get_received_texts_iterator"])
async def test_iterators_meet_each_message_once_while_new_ones_arrive(api_key, method):
    with InsertingServer() as stub:
        async with AsyncNotificationsAPIClient(api_key, stub.url) as client:
            met = [int(item["id"][-12:], 16) async for item in getattr(client, method)()]
    assert met == list(range(10, 0, -1))


def test_both_clients_have_the_same_methods():
    from inspect import signature

    from notifications_python_client import NotificationsAPIClient

    skipped = {"get", "post", "put", "delete", "request"}
    names = {n for n in vars(NotificationsAPIClient) if not n.startswith("_")} - skipped
    for name in names:
        ours = signature(getattr(AsyncNotificationsAPIClient, name)).parameters
        theirs = signature(getattr(NotificationsAPIClient, name)).parameters
        assert list(ours) == list(theirs), name


@pytest.mark.parametrize(("excepted", "goes_by_proxy"), [("", True), ("inside.test,127.0.0.1", False)])
async def test_the_proxy_is_that_of_the_environment(stub, api_key, monkeypatch, excepted, goes_by_proxy):
    proxy = StubServer([SENT])
    monkeypatch.setenv("NO_PROXY", excepted)
    stub.answers += [SENT]
    with proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        async with AsyncNotificationsAPIClient(api_key, stub.url) as client:
            await client.get_template("1")
    assert (len(proxy.seen), len(stub.seen)) == ((1, 0) if goes_by_proxy else (0, 1))
