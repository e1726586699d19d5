"""Texts to a network and back: the whole product, an SMSC, and a Kannel in between or none."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from notifications_python_client import NotificationsAPIClient
from tests.support import kannel as kannels
from tests.support import smsc as numbers
from tests.support.eventually import eventually
from tests.support.factories import MadeService, document
from tests.support.pillarbox import pillarbox_up
from tests.support.ports import free_port
from tests.support.postgres import public_directory
from tests.support.smsc import smsc

pytestmark = pytest.mark.acceptance

SERVICE = MadeService("networked", options={"inbound_number": "07700900999"})
ENDINGS = {
    "0": "delivered",
    numbers.UNDELIVERABLE: "permanent-failure",
    numbers.EXPIRED: "temporary-failure",
    numbers.SILENT: "sending",
}


class Running:
    """A product that is up, and the SMSC behind it."""

    def __init__(self, pillarbox, centre):
        self._client = NotificationsAPIClient(SERVICE.api_key(), base_url=pillarbox.base)
        self.centre = centre

    async def send(self, ending, name="Jo"):
        answer = await asyncio.to_thread(
            self._client.send_sms_notification,
            f"0770090012{ending}",
            SERVICE.templates["sms"],
            {"name": name},
        )
        return answer["id"]

    async def status(self, identifier):
        return (await asyncio.to_thread(self._client.get_notification_by_id, identifier))["status"]

    async def received(self):
        answer = await asyncio.to_thread(self._client.get_received_texts)
        return {text["content"]: text["user_number"] for text in answer["received_text_messages"]}


@asynccontextmanager
async def product(directory, port, provider, centre):
    """Start it with one provider."""
    provisioned, providers = directory / "service.json", directory / "providers.json"
    provisioned.write_text(json.dumps(document(SERVICE)))
    providers.write_text(json.dumps({"providers": [{"name": "network", **provider}]}))
    up = pillarbox_up(
        directory / "data", "--port", str(port), "--provision", str(provisioned), "--no-demo",
        within=60, PILLARBOX_PROVIDERS_FILE=str(providers), PILLARBOX_API_URL=f"http://127.0.0.1:{port}",
    )  # fmt: skip
    pillarbox = await asyncio.to_thread(up.__enter__)
    try:
        await eventually(centre.bound.is_set)
        yield Running(pillarbox, centre)
    finally:
        await asyncio.to_thread(up.__exit__, None, None, None)


@pytest.fixture
async def by_smpp():
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(public_directory())
        centre = await stack.enter_async_context(smsc())
        options = {"host": "127.0.0.1", "port": centre.port, "system_id": "pillar", "password": "secret"}
        provider = {"kind": "smpp", "options": options}
        yield await stack.enter_async_context(product(directory, free_port(), provider, centre))


@pytest.fixture
async def by_kannel(tmp_path):
    async with AsyncExitStack() as stack:
        directory, port = stack.enter_context(public_directory()), free_port()
        centre = await stack.enter_async_context(smsc())
        texts_url = f"http://kannel:{kannels.TOKEN}@127.0.0.1:{port}/providers/network/received-texts"
        kannel = await stack.enter_async_context(kannels.kannel(tmp_path, centre, texts_url))
        options = {"url": kannel.url, "username": "pillarbox", "password": "secret", "token": kannels.TOKEN}
        provider = {"kind": "kannel", "options": options}
        yield await stack.enter_async_context(product(directory, port, provider, centre))


async def texts_end_as_the_network_says(running, endings=ENDINGS):
    sent = {await running.send(ending): status for ending, status in endings.items()}
    for identifier, status in sent.items():
        await eventually(lambda one=identifier, status=status: _has(running, one, status))
    long_one = await running.send("0", "Zoë " * 100)
    await eventually(lambda: _has(running, long_one, "delivered"))


async def _has(running, identifier, status):
    return await running.status(identifier) == status


async def texts_from_phones_are_listed(running):
    assert await running.centre.text(b"Short \x1be5") == 0
    for number in (2, 1):
        header = bytes([5, 0, 3, 9, 2, number])
        assert await running.centre.text(header + b"part %d " % number, esm_class=0x40) == 0
    await eventually(lambda: _lists(running, {"Short €5", "part 1 part 2 "}))


async def _lists(running, contents):
    received = await running.received()
    return {content.strip() for content in received} == {content.strip() for content in contents}


async def test_by_smpp_texts_end_as_the_network_says_and_texts_from_phones_are_listed(by_smpp):
    receipt_comes_first = {numbers.HASTY: "delivered"}
    await texts_end_as_the_network_says(by_smpp, ENDINGS | receipt_comes_first)
    await texts_from_phones_are_listed(by_smpp)
    assert by_smpp.centre.answered
    assert set(by_smpp.centre.answered) == {0}


async def test_through_kannel_texts_end_as_the_network_says_and_texts_from_phones_are_listed(by_kannel):
    await texts_end_as_the_network_says(by_kannel)
    await texts_from_phones_are_listed(by_kannel)
