"""Handing emails to a relay: each of its answers, and each moment at which a line may break."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from pillarbox.providers.base import Accepted, Busy, EmailMessage, Rejected, Unknown
from pillarbox.providers.smtp import provider as module
from pillarbox.providers.smtp.provider import Relay, SmtpProvider
from tests.support.certificates import self_signed
from tests.support.mail_catcher import MailCatcher, mail_catcher
from tests.support.ports import free_port
from tests.support.smtp_stub import smtp_stub


def message(number=1, **more):
    identifier = UUID(int=(7 << 76) + number)
    given = {
        "from_name": "Some Service",
        "from_address": "some.service@notify.example.org",
        "to": f"jo{number}@example.com",
        "subject": "News",
        "plain": "Hello",
        "html": "<p>Hello</p>",
    }
    return EmailMessage(notification_id=identifier, service_id=identifier, **(given | more))


@asynccontextmanager
async def provider_for(port, **more):
    provider = SmtpProvider(Relay(**({"host": "127.0.0.1", "port": port, "tls": "none"} | more)))
    try:
        yield provider
    finally:
        await provider.close()


@pytest.fixture
async def stub():
    async with smtp_stub() as stub:
        yield stub


@pytest.fixture
async def provider(stub):
    async with provider_for(stub.port) as provider:
        yield provider


async def test_a_relay_takes_an_email_and_its_reference_is_the_message_id():
    with mail_catcher() as catcher:
        async with provider_for(catcher.port) as provider:
            answer = await provider.submit(message(to="jo@bücher.example"))
        (mail,) = catcher.mails
    assert answer == Accepted(reference=mail.message_id)
    assert (mail.sender, mail.recipients) == (
        "some.service@notify.example.org",
        ("jo@xn--bcher-kva.example",),
    )
    assert mail.part("text/plain").strip() == "Hello"


async def test_lines_that_are_dots_arrive_as_they_were():
    with mail_catcher() as catcher:
        async with provider_for(catcher.port) as provider:
            await provider.submit(message(plain=".\n..\n.hidden\n\n.\n"))
        (mail,) = catcher.mails
    assert mail.part("text/plain").replace("\r\n", "\n") == ".\n..\n.hidden\n\n.\n"


ANSWERS = [
    ("MAIL", "451 4.3.0 later", Busy),
    ("MAIL", "550 5.1.8 not you", Rejected),
    ("RCPT", "450 4.2.1 greylisted", Busy),
    ("RCPT", "421 4.7.0 closing", Busy),
    ("RCPT", "550 5.1.1 nobody here", Rejected),
    ("DATA", "452 4.3.1 full", Busy),
    ("DATA", "554 5.6.0 never", Rejected),
    ("CONTENT", "451 4.7.1 later", Busy),
    ("CONTENT", "554 5.7.1 spam", Rejected),
    ("CONNECT", "554 5.3.2 no service", Busy),
    ("CONNECT", "421 4.3.2 too many connections", Busy),
]


@pytest.mark.parametrize(("word", "reply", "kind"), ANSWERS)
async def test_4xx_is_later_and_5xx_is_never(stub, provider, word, reply, kind):
    stub.replies = {word: reply}
    answer = await provider.submit(message(1))
    assert type(answer) is kind
    assert reply[:3] in answer.reason
    assert stub.contents == [] or word == "CONTENT"
    assert isinstance(await provider.submit(message(2)), Accepted)


async def test_a_refused_recipient_leaves_nothing_behind_for_the_next_email(stub, provider):
    stub.replies = {"RCPT": "550 5.1.1 nobody here"}
    await provider.submit(message(1))
    await provider.submit(message(2))
    assert stub.commands == ["EHLO", "MAIL", "RCPT", "RSET", "NOOP", "MAIL", "RCPT", "DATA"]
    assert stub.connections == 1


async def test_nobody_listens():
    async with provider_for(free_port()) as provider:
        assert isinstance(await provider.submit(message()), Busy)


async def test_a_name_that_does_not_exist():
    async with provider_for(25, host="relay.invalid") as provider:
        assert isinstance(await provider.submit(message()), Busy)


@pytest.mark.parametrize("word", ["CONNECT", "EHLO", "MAIL", "RCPT"])
async def test_a_line_that_breaks_before_the_data_was_asked_for_is_sure_not_to_have_sent_it(
    stub, provider, word
):
    stub.hang_up_at = word
    assert isinstance(await provider.submit(message(1)), Busy)
    assert isinstance(await provider.submit(message(2)), Accepted)
    assert len(stub.contents) == 1


@pytest.mark.parametrize("word", ["DATA", "CONTENT"])
async def test_after_that_nobody_knows(stub, provider, word):
    stub.hang_up_at = word
    assert isinstance(await provider.submit(message(1)), Unknown)
    assert isinstance(await provider.submit(message(2)), Accepted)


async def test_a_relay_that_does_not_answer_in_time(stub, provider, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.3)
    stub.seconds = 2
    assert isinstance(await provider.submit(message(1)), Unknown)


async def test_connections_are_kept(stub, provider):
    for number in range(5):
        assert isinstance(await provider.submit(message(number)), Accepted)
    assert (stub.connections, len(stub.contents)) == (1, 5)


async def test_a_connection_that_the_relay_closed_while_idle_is_opened_anew(stub, provider):
    await provider.submit(message(1))
    stub.hang_up()
    await asyncio.sleep(0.1)
    assert isinstance(await provider.submit(message(2)), Accepted)
    assert (stub.connections, len(stub.contents)) == (2, 2)


async def test_no_more_connections_than_allowed_are_open_at_once(stub):
    stub.seconds = 0.05
    async with provider_for(stub.port, connections=3) as provider:
        answers = await asyncio.gather(*(provider.submit(message(number)) for number in range(20)))
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert (stub.most_open, stub.connections, len(stub.contents)) == (3, 3, 20)


async def test_closing_says_goodbye_on_every_connection(stub):
    stub.seconds = 0.05
    async with provider_for(stub.port, connections=3) as provider:
        await asyncio.gather(*(provider.submit(message(number)) for number in range(6)))
    assert stub.commands.count("QUIT") == 3


async def test_closing_after_the_relay_went_away_is_no_trouble(stub):
    async with provider_for(stub.port) as provider:
        await provider.submit(message(1))
        stub.hang_up()
        await asyncio.sleep(0.1)


async def test_an_address_that_no_relay_could_take_is_rejected(stub, provider):
    answer = await provider.submit(message(from_address="служба@notify.example.org"))
    assert isinstance(answer, Rejected)
    assert stub.connections == 0


@asynccontextmanager
async def secure_relay(folder, port=None, *, implicit=False):
    """A relay that wants TLS and a login of `user` with `secret`."""
    catcher = MailCatcher(port or free_port())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(folder))

    def login(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"user", b"secret"))

    tls = {"ssl_context": context} if implicit else {"tls_context": context, "require_starttls": True}
    controller = Controller(
        catcher,
        hostname="localhost",
        port=catcher.port,
        authenticator=login,
        auth_required=True,
        auth_require_tls=not implicit,
        **tls,
    )
    await asyncio.get_running_loop().run_in_executor(None, controller.start)
    try:
        yield catcher
    finally:
        controller.stop()


LOGIN = {"host": "localhost", "username": "user"}


# aiosmtpd does not count TLS around everything as TLS.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_with_tls_and_a_login(tmp_path, monkeypatch, tls):
    async with secure_relay(tmp_path, implicit=tls == "implicit") as catcher:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        async with provider_for(catcher.port, tls=tls, password="secret", **LOGIN) as provider:
            assert isinstance(await provider.submit(message()), Accepted)
    assert len(catcher.mails) == 1


async def test_a_wrong_password_is_trouble_that_may_pass(tmp_path, monkeypatch):
    async with secure_relay(tmp_path) as catcher:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        monkeypatch.setattr(module, "TIMEOUT", 1)  # aiosmtpd takes its time over those who failed
        async with provider_for(catcher.port, tls="starttls", password="wrong", **LOGIN) as provider:
            answer = await provider.submit(message())
    assert isinstance(answer, Busy)
    assert "wrong" not in answer.reason


async def test_a_certificate_that_nobody_vouches_for_gets_neither_login_nor_email(tmp_path):
    port = free_port()
    async with (
        secure_relay(tmp_path, port) as catcher,
        provider_for(port, tls="starttls", password="secret", **LOGIN) as provider,
    ):
        assert isinstance(await provider.submit(message()), Busy)
    assert catcher.mails == []


async def test_a_relay_without_starttls_gets_nothing_in_clear_text(stub):
    async with provider_for(stub.port, tls="starttls") as provider:
        assert isinstance(await provider.submit(message()), Busy)
    assert stub.contents == []
