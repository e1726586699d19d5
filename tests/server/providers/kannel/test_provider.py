"""Texts through a real Kannel, which is bound to an SMSC; and through one that fails."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from aiohttp import web

from pillarbox.messages.posts import Caller, Post
from pillarbox.providers.base import Accepted, Busy, Rejected, SmsMessage, Unknown
from pillarbox.providers.kannel.options import Kannel
from pillarbox.providers.kannel.provider import KANNEL, KannelProvider
from pillarbox.providers.smpp.alphabet import decode
from tests.support import kannel as support
from tests.support import smsc as numbers
from tests.support.eventually import eventually
from tests.support.ports import free_port
from tests.support.smsc import smsc


def identifier(number):
    return UUID(int=(7 << 76) + number)


def text(content="Hello", to="447700900120", sender="GOVUK", number=1):
    return SmsMessage(identifier(number), identifier(number), to, content, sender, international=False)


def options(url, **more):
    given = {"username": "pillarbox", "password": "secret", "token": support.TOKEN}
    return Kannel(url=url, **(given | more))


class Api:
    """What Kannel asks for, let in and read as our API and worker do."""

    def __init__(self):
        self.port = 0
        self.news = []
        self._intake = KANNEL.intake("kannel", options("http://127.0.0.1/"))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def texts_url(self):
        return f"http://kannel:{support.TOKEN}@127.0.0.1:{self.port}/providers/kannel/received-texts"

    async def receipts(self, request):
        return self._took("receipt", request)

    async def received_texts(self, request):
        return self._took("received_text", request)

    def _took(self, kind, request):
        post = Post("kannel", kind, b"", query=request.rel_url.raw_query_string)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self._intake.authenticate(post, Caller(request.remote, headers))
        self.news.extend(self._intake.read(post))
        return web.Response(text=self._intake.reply(kind).body)

    def statuses(self, number):
        return {one.status for one in self.news if one.reference == str(identifier(number))} - {None}


async def serving(stack, handlers):
    """Serve GETs and POSTs by path on loopback; the port."""
    application = web.Application()
    for path, handler in handlers.items():
        application.router.add_route("*", path, handler)
    runner = web.AppRunner(application)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return port


@pytest.fixture
async def stack():
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def api(stack):
    api = Api()
    paths = {"receipts": api.receipts, "received-texts": api.received_texts}
    api.port = await serving(stack, {f"/providers/kannel/{path}": take for path, take in paths.items()})
    return api


@pytest.fixture
async def centre(stack):
    return await stack.enter_async_context(smsc())


@pytest.fixture
async def running(stack, api, centre, tmp_path):
    running = await stack.enter_async_context(support.kannel(tmp_path, centre, api.texts_url))
    await eventually(centre.bound.is_set)
    return running


@pytest.fixture
def provider_for(stack, api):
    async def provider_for(url, **more):
        provider = KannelProvider("kannel", options(url, **more), api.url)
        await provider.open()
        stack.push_async_callback(provider.close)
        return provider

    return provider_for


async def test_statuses_end_as_the_smsc_says(provider_for, running, api):
    provider = await provider_for(running.url)
    endings = {"0": "delivered", numbers.UNDELIVERABLE: "permanent-failure", numbers.REFUSED: "permanent-failure",
               numbers.EXPIRED: "temporary-failure"}  # fmt: skip
    for number, ending in enumerate(endings):
        assert await provider.submit(text(to=f"44770090012{ending}", number=number)) == Accepted()
    for number, status in enumerate(endings.values()):
        await eventually(lambda number=number, status=status: api.statuses(number) == {status})


@pytest.mark.parametrize(
    ("content", "parts"),
    [("Caffé €5 [x]\n  two", 1), ("Helô ŵ", 1), ("Hello  " * 100, 5), ("Helô ŵ " * 40, 5)],
)
async def test_phones_get_what_was_meant(*, provider_for, running, api, centre, content, parts):
    provider = await provider_for(running.url)
    assert await provider.submit(text(content)) == Accepted()
    await eventually(lambda: len(centre.submitted) == parts)
    pieces = sorted((bytes(one.short_message), one.data_coding) for one in centre.submitted)
    skipped = 6 if parts > 1 else 0
    assert "".join(decode(octets[skipped:], coding) for octets, coding in pieces) == content
    assert {one.source_addr for one in centre.submitted} == {"GOVUK"}
    await eventually(lambda: api.statuses(1) == {"delivered"})


async def test_texts_from_phones_are_read(running, api, centre):
    cases = [(b"two  spaces \x1be\x00", 0), (b"\x01\x75\x20\xac", 8), (b"caf\xe9", 3)]
    for octets, data_coding in cases:
        assert await centre.text(octets, data_coding=data_coding) == 0
    for number in (2, 1):
        assert await centre.text(bytes([5, 0, 3, 9, 2, number]) + b"part %d " % number, esm_class=0x40) == 0
    await eventually(lambda: len(api.news) == 4)
    contents = {one.content for one in api.news}
    assert contents == {"two  spaces €@", "ŵ€", "café", "part 1 part 2 "}
    assert {(one.sender, one.receiver) for one in api.news} == {("447700900123", "+447700900999")}
    assert len({one.reference for one in api.news}) == 4
    assert all(one.at for one in api.news)


async def test_what_kannel_does_not_take_is_rejected_and_wrong_passwords_are_not_the_text_s_fault(
    provider_for, running
):
    provider = await provider_for(running.url)
    denied = "Number(s) has/have been denied by white- and/or black-lists."
    assert await provider.submit(text(to="anybody")) == Rejected(denied, "400")
    stranger = await provider_for(running.url, password="wrong")
    assert await stranger.submit(text()) == Busy("Authorization failed for sendsms", "403")


async def test_kannel_is_asked_whether_it_runs(provider_for, running):
    assert await (await provider_for(running.url)).probe() is None
    assert await (await provider_for(running.url, status_url=running.status_url)).probe() is None
    wrong = await provider_for(running.url, status_url=running.status_url + "x")
    assert "does not say that it is running" in await wrong.probe()


async def test_without_a_kannel_a_text_did_not_go_out(provider_for):
    provider = await provider_for(f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms")
    assert await provider.submit(text()) == Busy("no connection: ClientConnectorError")
    assert await provider.probe() == "no connection: ConnectionRefusedError"


async def test_if_the_connection_breaks_after_a_text_nobody_knows_and_it_is_not_sent_again(
    provider_for, stack
):
    requests = []

    async def hang_up(request):
        requests.append(await request.text())
        request.transport.abort()
        return web.Response()

    provider = await provider_for(f"http://127.0.0.1:{await serving(stack, {'/': hang_up})}/")
    assert isinstance(await provider.submit(text()), Unknown)
    assert requests == ["Hello"]


async def test_without_an_answer_nobody_knows(provider_for, stack):
    go_on = asyncio.Event()

    async def wait(request):
        await go_on.wait()
        return web.Response()

    provider = await provider_for(f"http://127.0.0.1:{await serving(stack, {'/': wait})}/", timeout=1)
    assert isinstance(await provider.submit(text()), Unknown)
    go_on.set()


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (202, "0: Accepted for delivery", Accepted()),
        (202, "3: Queued for later delivery", Accepted()),
        (503, "Temporal failure, try again later.", Busy("Temporal failure, try again later.", "503")),
        (404, "", Busy("no reason given", "404")),
        (302, "", Busy("no reason given", "302")),
        (
            400,
            "Sender missing and no global set, rejected",
            Rejected("Sender missing and no global set, rejected", "400"),
        ),
        (400, "x" * 100_000, Rejected("x" * 200, "400")),
    ],
)
async def test_each_answer_has_its_meaning(provider_for, stack, status, body, answer):
    async def reply(request):
        return web.Response(status=status, text=body, headers={"Location": "/elsewhere"})

    provider = await provider_for(f"http://127.0.0.1:{await serving(stack, {'/': reply})}/")
    assert await provider.submit(text()) == answer


@pytest.mark.parametrize("sender", ["Ŵyl", "GOV\r\nX-Kannel-To: 1"])
async def test_a_sender_that_fits_into_no_header_is_rejected(provider_for, sender):
    provider = await provider_for(f"http://127.0.0.1:{free_port()}/")
    assert isinstance(await provider.submit(text(sender=sender)), Rejected)
