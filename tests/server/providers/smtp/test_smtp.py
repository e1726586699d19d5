"""Handing emails to a relay: each of its answers, and each moment at which a line may break."""

import asyncio
import ssl
from base64 import b64encode
from contextlib import asynccontextmanager
from uuid import UUID

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pillarbox.providers.base import Accepted, Busy, EmailMessage, Rejected, Unknown
from pillarbox.providers.smtp import connections, conversation
from pillarbox.providers.smtp.options import Dkim, Relay
from pillarbox.providers.smtp.provider import SmtpProvider
from tests.support.certificates import self_signed
from tests.support.eventually import eventually
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


@pytest.fixture(params=[(), ("PIPELINING", "DSN", "SIZE 10240000")], ids=["plain", "pipelining"])
async def stub(request):
    """A relay that takes commands one by one, and one that takes them together."""
    async with smtp_stub(*request.param) as stub:
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
    ("CONNECT", "554 5.3.2 no service", Busy),
    ("CONNECT", "421 4.3.2 too many connections", Busy),
    ("MAIL", "451 4.3.0 later", Busy),
    ("MAIL", "550 5.1.8 not you", Busy),
    ("MAIL", "530 5.7.0 sign in first", Busy),
    ("RCPT", "450 4.2.1 greylisted", Busy),
    ("RCPT", "421 4.7.0 closing", Busy),
    ("RCPT", "554 5.7.1 relay access denied", Busy),
    ("RCPT", "550 5.1.1 nobody here", Accepted),
    ("DATA", "452 4.3.1 full", Busy),
    ("DATA", "554 5.6.0 never", Rejected),
    ("CONTENT", "451 4.7.1 later", Busy),
    ("CONTENT", "554 5.7.1 spam", Rejected),
    ("CONTENT", "550 5.1.1 nobody here", Accepted),
]


@pytest.mark.parametrize(("word", "reply", "kind"), ANSWERS)
async def test_what_a_relay_refuses_is_answered_with_its_code_and_harms_no_later_email(
    stub, word, reply, kind
):
    stub.replies = {word: reply}
    async with provider_for(stub.port) as provider:
        answer = await provider.submit(message(1))
        assert type(answer) is kind
        assert reply[:3] in answer.reason
        if word != "CONNECT":
            assert answer.code == reply.split()[1]
        assert stub.contents == [] or word == "CONTENT"
        assert isinstance(await provider.submit(message(2)), Accepted)


async def test_a_recipient_whom_the_relay_does_not_know_is_a_permanent_failure(stub, provider):
    stub.replies = {"RCPT": "550 5.1.1 <jo1@example.com>: nobody here"}
    assert await provider.submit(message(1)) == Accepted(
        receipt="permanent-failure", code="5.1.1", reason="550 5.1.1 <…>: nobody here"
    )


async def test_a_refused_recipient_leaves_nothing_behind_for_the_next_email(stub, provider):
    stub.replies = {"RCPT": "550 5.1.1 nobody here"}
    await provider.submit(message(1))
    await provider.submit(message(2))
    assert stub.commands[-3:] == ["MAIL", "RCPT", "DATA"]
    assert stub.commands[-4] == "RSET"
    assert (stub.connections, len(stub.contents)) == (1, 1)


async def test_a_relay_that_waits_for_an_email_that_it_refused_gets_none():
    async with smtp_stub("PIPELINING") as stub, provider_for(stub.port) as provider:
        stub.careless = True
        stub.replies = {"RCPT": "550 5.1.1 nobody here"}
        await provider.submit(message(1))
        assert stub.commands == ["EHLO", "MAIL", "RCPT", "DATA"]
        assert isinstance(await provider.submit(message(2)), Accepted)
    assert len(stub.contents) == 1


async def test_nobody_listens():
    async with provider_for(free_port()) as provider:
        assert isinstance(await provider.submit(message()), Busy)


async def test_a_name_that_does_not_exist():
    async with provider_for(25, host="relay.invalid") as provider:
        assert isinstance(await provider.submit(message()), Busy)


@pytest.mark.parametrize("word", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_line_that_breaks_before_the_content_was_asked_for_is_sure_not_to_have_sent_it(
    stub, provider, word
):
    stub.hang_up_at = word
    assert isinstance(await provider.submit(message(1)), Busy)
    assert isinstance(await provider.submit(message(2)), Accepted)
    assert len(stub.contents) == 1


async def test_after_that_nobody_knows(stub, provider):
    stub.hang_up_at = "CONTENT"
    assert isinstance(await provider.submit(message(1)), Unknown)
    assert isinstance(await provider.submit(message(2)), Accepted)


async def test_a_relay_that_does_not_answer_in_time(stub, provider, monkeypatch):
    monkeypatch.setattr(conversation, "TIMEOUT", 0.3)
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


async def test_a_connection_that_the_relay_closes_at_the_next_email_is_opened_anew_at_once(stub, provider):
    await provider.submit(message(1))
    stub.hang_up_at = "MAIL"
    assert isinstance(await provider.submit(message(2)), Accepted)
    stub.replies = {"MAIL": "421 4.4.5 enough emails on this connection"}
    assert isinstance(await provider.submit(message(3)), Accepted)
    assert (stub.connections, len(stub.contents)) == (3, 3)


async def test_a_connection_that_was_idle_for_long_is_not_trusted(stub, provider, monkeypatch):
    await provider.submit(message(1))
    monkeypatch.setattr(connections, "IDLE", 0)
    await asyncio.gather(*(provider.submit(message(number)) for number in range(3)))
    assert (stub.connections, len(stub.contents)) == (4, 4)
    await eventually(lambda: "QUIT" in stub.commands)


async def test_a_relay_that_says_something_unasked_is_not_believed_at_the_next_email(stub, provider):
    await provider.submit(message(1))
    stub.say("250 OK")
    await asyncio.sleep(0.1)
    assert isinstance(await provider.submit(message(2)), Accepted)
    assert stub.connections == 2


@pytest.mark.parametrize("noise", ["hello", "250-" + "x" * 40_000, "999 what", "25O OK", "250 OK\r\n250 OK"])
async def test_a_server_that_does_not_speak_smtp_is_trouble_that_may_pass(stub, provider, noise):
    stub.replies = {"MAIL": noise}
    assert isinstance(await provider.submit(message(1)), Busy)
    assert isinstance(await provider.submit(message(2)), Accepted)


async def test_a_relay_that_reports_deliveries_is_asked_to(message_to_jo):
    async with smtp_stub("DSN") as stub, provider_for(stub.port) as provider:
        await provider.submit(message_to_jo)
    identifier = message_to_jo.notification_id
    assert stub.lines[1:3] == [
        f"MAIL FROM:<some.service@notify.example.org> RET=HDRS ENVID={identifier}",
        "RCPT TO:<jo+a=b@example.com> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;jo+2Ba+3Db@example.com",
    ]


async def test_a_relay_that_does_not_is_asked_for_nothing(message_to_jo):
    async with smtp_stub() as stub, provider_for(stub.port) as provider:
        await provider.submit(message_to_jo)
    assert stub.lines[1:3] == [
        "MAIL FROM:<some.service@notify.example.org>",
        "RCPT TO:<jo+a=b@example.com>",
    ]


async def test_bounces_go_to_an_address_of_the_email_s_own(message_to_jo):
    async with (
        smtp_stub() as stub,
        provider_for(stub.port, bounce_address="bounces@notify.example.org") as provider,
    ):
        await provider.submit(message_to_jo)
    assert stub.lines[1] == f"MAIL FROM:<bounces+{message_to_jo.notification_id}@notify.example.org>"


async def test_emails_are_signed_if_the_operator_gives_a_key():
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = b64encode(key.public_key().public_bytes_raw())
    signed_by = Dkim(domain="notify.example.org", selector="s", private_key=pem)
    with mail_catcher() as catcher:
        async with provider_for(catcher.port, dkim=signed_by) as provider:
            await provider.submit(message(plain=".\n. dots\n"))
        (mail,) = catcher.mails
    assert dkim.verify(mail.raw, dnsfunc=lambda name, timeout=5: b"v=DKIM1; k=ed25519; p=" + public)


@pytest.fixture
def message_to_jo():
    return message(to="jo+a=b@example.com")


async def test_silence_may_count_as_delivery(stub):
    async with provider_for(stub.port, delivered_after_hours=24) as provider:
        answer = await provider.submit(message())
    assert (answer.receipt, answer.receipt_in) == ("delivered", 86_400)


async def test_a_relay_that_is_well_says_so_when_asked(stub, provider):
    assert await provider.probe() is None
    assert "MAIL" not in stub.commands
    assert stub.commands[-2:] == ["NOOP", "QUIT"]


@pytest.mark.parametrize("word", ["CONNECT", "EHLO", "NOOP"])
async def test_a_relay_that_is_not_well_is_found_out(stub, provider, word):
    stub.hang_up_at = word
    assert await provider.probe()
    stub.replies = {word: "421 4.3.2 going down"}
    assert "421" in await provider.probe()
    assert await provider.probe() is None


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
        monkeypatch.setattr(conversation, "TIMEOUT", 1)  # aiosmtpd takes its time over those who failed
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
