"""Nobody may use callbacks to reach what only we can reach."""

import asyncio
import socket
import ssl
import threading

import pytest

from pillarbox.delivery.callbacks import Callback, CallbackCaller
from pillarbox.delivery.public_addresses import is_public
from pillarbox.store.sealing import Seal
from tests.support.callback_endpoint import endpoint

SEAL = Seal(b"s" * 32)


def callback(url, token="a-bearer-token"):
    return Callback(url, SEAL.close(token), b'{"status": "delivered"}', "an-id")


@pytest.fixture
async def caller():
    made = CallbackCaller(SEAL, private_addresses=False, plain_http=True)
    yield made
    await made.close()


@pytest.fixture
async def called():
    async with endpoint() as called:
        yield called


PRIVATE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::",
    "2001:0:7f00:1::", "fe80::1", "fe80::1%1", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_only_we_can_reach_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_rest_of_the_internet_is(address):
    assert is_public(address)


# Some are other ways to write 127.0.0.1, which systems understand.
HOSTS = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",
    "[::ffff:127.0.0.1]",
]


@pytest.mark.parametrize("host", HOSTS)
async def test_no_way_of_writing_loopback_is_called(caller, called, host):
    port = called.base.rpartition(":")[2]
    outcome = await caller.call(callback(f"http://{host}:{port}/called"))
    assert outcome.verdict == "failed"
    assert called.calls == []


async def test_ipv6_loopback_is_not_called(caller):
    async with endpoint("::1") as called:
        outcome = await caller.call(callback(called.url))
        assert (outcome.verdict, called.calls) == ("failed", [])


async def test_a_name_that_resolves_to_loopback_is_not_called(caller, called, monkeypatch):
    """The system's resolver is the seam: a name somewhere on the internet may lead anywhere."""
    real = socket.getaddrinfo

    def lying(host, *args, **more):
        return real("127.0.0.1" if host == "innocent.example.com" else host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lying)
    port = called.base.rpartition(":")[2]
    outcome = await caller.call(callback(f"http://innocent.example.com:{port}/called"))
    assert (outcome.verdict, called.calls) == ("failed", [])
    assert "public" in outcome.reason


async def test_with_several_private_addresses_none_is_called(caller, called, monkeypatch):
    real = socket.getaddrinfo

    def lying(host, *args, **more):
        if host != "innocent.example.com":
            return real(host, *args, **more)
        return [*real("127.0.0.1", *args, **more), *real("127.0.0.2", *args, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", lying)
    port = called.base.rpartition(":")[2]
    outcome = await caller.call(callback(f"http://innocent.example.com:{port}/called"))
    assert (outcome.verdict, called.calls) == ("failed", [])


async def test_a_redirect_to_loopback_is_not_followed(called, monkeypatch):
    """The first hop is let through as if it were public; the second is what counts."""
    from pillarbox.delivery import public_addresses

    async with endpoint("::1") as outside:
        outside.moved_to = called.url
        monkeypatch.setattr(public_addresses, "is_public", lambda host: host == "::1" or is_public(host))
        caller = CallbackCaller(SEAL, private_addresses=False, plain_http=True)
        try:
            outcome = await caller.call(callback(f"{outside.base}/to/loopback"))
        finally:
            await caller.close()
        assert (len(outside.calls), called.calls) == (1, [])
        assert outcome.verdict == "failed"


async def test_names_that_no_server_answers_for_delay_only_calls_to_them(called, monkeypatch):
    real, answered, asked = socket.getaddrinfo, threading.Event(), threading.Semaphore(0)

    def lying(host, *args, **more):
        if host.startswith("stuck"):
            asked.release()
            answered.wait(60)
        return real("127.0.0.1", *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lying)
    port = called.base.rpartition(":")[2]
    caller = CallbackCaller(SEAL, private_addresses=True, plain_http=True)
    try:
        urls = [f"http://stuck{number}.example.com:{port}/" for number in range(60)]
        stuck = [asyncio.create_task(caller.call(callback(url))) for url in urls]
        assert await asyncio.to_thread(lambda: all(asked.acquire(timeout=30) for _ in urls))
        outcome = await caller.call(callback(f"http://quick.example.com:{port}/called"))
        assert (outcome.verdict, [call.path for call in called.calls]) == ("done", ["/called"])
        assert {(await one).verdict for one in stuck} == {"again"}
    finally:
        answered.set()
        await caller.close()


async def test_the_operator_may_allow_private_addresses(called):
    caller = CallbackCaller(SEAL, private_addresses=True, plain_http=True)
    try:
        outcome = await caller.call(callback(called.url))
    finally:
        await caller.close()
    assert (outcome.verdict, outcome.status, len(called.calls)) == ("done", 200, 1)


# What people type, and what a template of theirs may leave behind.
ODD_URLS = [
    "", "example.com", "http://", "https:///path", "ftp://example.com/", "file:///etc/passwd", "javascript:1",
    "http://[::1", "http://example.com:99999/", "http://exa mple.com/", f"http://{'a' * 64}.example.com/",
    "http://xn--/", "http://a..b/", "http://\x00/", "http://exa\nmple.com/",
]  # fmt: skip


@pytest.mark.parametrize("url", ODD_URLS)
async def test_odd_urls_end_in_words_and_not_in_an_exception(caller, url):
    outcome = await caller.call(callback(url))
    assert outcome.verdict in {"failed", "again"}
    assert outcome.reason


@pytest.mark.parametrize("token", ["two\r\nlines", "ünïcode-tökèn", "with\x00nul"])
async def test_odd_tokens_inject_no_header(called, token):
    caller = CallbackCaller(SEAL, private_addresses=True, plain_http=True)
    try:
        outcome = await caller.call(callback(called.url, token))
    finally:
        await caller.close()
    assert outcome.verdict in {"failed", "done"}
    assert all(call.headers["Authorization"].startswith("Bearer ") for call in called.calls)
    assert all("lines" not in call.headers for call in called.calls)


async def test_a_certificate_that_nobody_vouches_for_is_trouble_that_may_pass(tmp_path):
    import aiohttp.web

    from tests.support.certificates import self_signed
    from tests.support.ports import free_port

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    runner = aiohttp.web.AppRunner(aiohttp.web.Application())
    await runner.setup()
    port = free_port()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
    caller = CallbackCaller(SEAL, private_addresses=True, plain_http=True)
    try:
        outcome = await caller.call(callback(f"https://127.0.0.1:{port}/"))
    finally:
        await caller.close()
        await runner.cleanup()
    assert outcome.verdict == "again"
    assert "ertificate" in outcome.reason
