"""With retries on, lost connections neither lose a message nor send one twice."""

import threading
import uuid

import pytest

from notifications_python_client import NotificationsAPIClient, Retries
from tests.client import own_loop
from tests.client.dropping_proxy import FATES, DroppingProxy
from tests.client.stub_server import StubServer

SENDS = 1000
PATIENT = Retries(attempts=20, first_wait=0.001, longest_wait=0.05)


class RememberingServer(StubServer):
    """Accepts messages, each idempotency key once, as Pillarbox does."""

    def __enter__(self):
        self.accepted = []
        self.by_key = {}
        self.lock = threading.Lock()
        return super().__enter__()

    def next_answer(self, seen):
        key = seen.headers.get("Idempotency-Key")
        with self.lock:
            if key in self.by_key:
                body, answer = self.by_key[key]
                if body != seen.body:
                    return {"status": 422, "json": {"message": "another body"}}
                return {**answer, "headers": {"Idempotency-Replayed": "true"}}
            self.accepted.append(seen.json["phone_number"])
            answer = {"status": 201, "json": {"id": str(uuid.uuid4())}}
            if key is not None:
                self.by_key[key] = (seen.body, answer)
        return answer


@pytest.fixture
def server():
    with RememberingServer() as server:
        yield server


@pytest.fixture
def proxy(server):
    with DroppingProxy(int(server.url.rsplit(":", 1)[1]), share=0.2) as proxy:
        yield proxy


def messages():
    return [{"phone_number": str(number), "template_id": "t"} for number in range(SENDS)]


def check(server, proxy, ids):
    assert sorted(server.accepted, key=int) == [str(number) for number in range(SENDS)]
    assert len(set(ids)) == SENDS
    assert all(proxy.dropped[fate] > 20 for fate in FATES)


def test_a_thousand_texts_are_a_thousand_messages(server, proxy, api_key):
    with NotificationsAPIClient(api_key, proxy.url, retries=PATIENT) as client:
        ids = [client.send_sms_notification(m["phone_number"], "t")["id"] for m in messages()]
    check(server, proxy, ids)


def test_a_thousand_texts_in_bulk_are_a_thousand_messages(server, proxy, api_key):
    with NotificationsAPIClient(api_key, proxy.url, retries=PATIENT) as client:
        outcomes = client.send_many(messages(), rate_limit=6_000_000)
    check(server, proxy, [outcome.id for outcome in outcomes])


def test_a_thousand_texts_with_asyncio_are_a_thousand_messages(server, proxy, api_key):
    pytest.importorskip("aiohttp")
    from notifications_python_client import AsyncNotificationsAPIClient

    async def send():
        async with AsyncNotificationsAPIClient(api_key, proxy.url, retries=PATIENT) as client:
            return await client.send_many(messages(), rate_limit=6_000_000)

    check(server, proxy, [outcome.id for outcome in own_loop.run(send())])


def test_without_keys_some_would_go_out_twice(server, proxy, api_key, monkeypatch):
    """The proxy is able to show the fault that the keys mend."""
    with NotificationsAPIClient(api_key, proxy.url, retries=PATIENT) as client:
        monkeypatch.setattr(client, "_headers", lambda outgoing: {"Content-type": "application/json"})
        for message in messages()[:200]:
            client.send_sms_notification(message["phone_number"], "t")
    assert len(server.accepted) > len(set(server.accepted)) == 200
