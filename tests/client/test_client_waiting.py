"""Waiting for a status."""

import pytest

from notifications_python_client._status_watch import StatusWatch
from notifications_python_client.errors import StatusNotReachedError
from tests.client import own_loop


def seen(status):
    return {"id": "1", "status": status}


@pytest.mark.parametrize(
    ("statuses", "wanted"),
    [
        (["created", "sending", "delivered"], None),
        (["created", "sent"], None),
        (["sent", "delivered"], "delivered"),
        (["created", "sending"], ["sending", "delivered"]),
        (["accepted", "received"], None),
    ],
)
def test_waits_until_the_status_is_there(stub, client, monkeypatch, statuses, wanted):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    stub.answers += [{"status": 200, "json": seen(status)} for status in statuses]
    assert client.wait_for_status("1", wanted)["status"] == statuses[-1]
    assert stub.answers == []


def test_a_status_that_will_never_come_is_not_waited_for(stub, client):
    stub.answers.append({"status": 200, "json": seen("permanent-failure")})
    with pytest.raises(StatusNotReachedError) as raised:
        client.wait_for_status("1", "delivered")
    assert str(raised.value) == "Notification 1 is permanent-failure, not delivered"
    assert raised.value.notification["status"] == "permanent-failure"


def test_patience_ends_with_the_timeout(stub, client):
    stub.answers += [{"status": 200, "json": seen("sending")}] * 5
    with pytest.raises(StatusNotReachedError):
        client.wait_for_status("1", timeout=0.3)
    assert len(stub.seen) == 3


def test_looks_become_rarer():
    now = [0.0]
    watch = StatusWatch(None, 60, clock=lambda: now[0])
    pauses = [watch.pause() for _ in range(10)]
    assert pauses[0] == pytest.approx(0.2)
    assert pauses == sorted(pauses)
    assert pauses[-1] == 5
    now[0] = 59.5
    assert watch.pause() == 0.5


def test_asyncio_programs_wait_too(stub, api_key):
    pytest.importorskip("aiohttp")
    from notifications_python_client import AsyncNotificationsAPIClient

    async def wait():
        async with AsyncNotificationsAPIClient(api_key, stub.url) as client:
            return await client.wait_for_status("1")

    stub.answers += [{"status": 200, "json": seen(status)} for status in ("sending", "delivered")]
    assert own_loop.run(wait())["status"] == "delivered"
