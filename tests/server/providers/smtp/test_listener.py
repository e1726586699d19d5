"""The small mail server for bounces: nothing is taken that is not kept."""

import asyncio
import logging
import smtplib
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import pytest

from pillarbox.providers.smtp.bounces.listener import BounceHandler, listening
from tests.support.ports import free_port

ID = "0198c0de-0000-7000-8000-00000000000a"
VERP = f"bounces+{ID}@notify.example.org"
BOUNCE = b"Subject: failure notice\r\n\r\nNo mailbox here by that name.\r\n"


class Kept(list):
    """Posts that were kept; as long as `trouble` is set, none is."""

    trouble = None

    async def keep(self, post):
        if self.trouble:
            raise self.trouble
        self.append(post)


@pytest.fixture
def kept():
    return Kept()


@asynccontextmanager
async def server(kept, bounce_address="bounces@notify.example.org", protocol="smtp"):
    port = free_port()
    async with listening("127.0.0.1", port, protocol, BounceHandler("relay", bounce_address, kept.keep)):
        yield port


async def deliver(port, *recipients, raw=BOUNCE, sender="", client=smtplib.SMTP):
    """What a mail system is told: nothing if all is well, else code and words by recipient."""

    def send():
        with client("127.0.0.1", port) as smtp:
            return smtp.sendmail(sender, recipients, raw)

    try:
        return await asyncio.to_thread(send)
    except smtplib.SMTPRecipientsRefused as refused:
        return refused.recipients
    except smtplib.SMTPDataError as refused:
        return refused.smtp_code


async def test_a_bounce_is_kept_as_it_came_with_its_envelope(kept):
    async with server(kept) as port:
        assert await deliver(port, VERP) == {}
    (post,) = kept
    assert (post.provider, post.kind, post.body, post.content_type) == (
        "relay",
        "receipt",
        BOUNCE,
        "message/rfc822",
    )
    assert parse_qs(post.query, keep_blank_values=True) == {"to": [VERP], "from": [""]}


async def test_a_bounce_that_cannot_be_kept_stays_with_whoever_brought_it(kept):
    kept.trouble = ConnectionError("the database is away")
    async with server(kept) as port:
        assert await deliver(port, VERP) == 451
        kept.trouble = None
        assert await deliver(port, VERP) == {}
    assert len(kept) == 1


@pytest.mark.parametrize("address", ["bounces@notify.example.org", "BOUNCES+x@Notify.Example.ORG", VERP])
async def test_bounce_addresses_are_taken(kept, address):
    async with server(kept) as port:
        assert await deliver(port, address) == {}


@pytest.mark.parametrize(
    "address", ["jo@example.com", "bouncesx@notify.example.org", "bounces@example.org", "bounces"]
)
async def test_other_addresses_are_not(kept, address):
    async with server(kept) as port:
        refused = await deliver(port, address)
    assert refused[address][0] == 550
    assert kept == []


async def test_without_a_bounce_address_bounces_come_to_the_services(kept):
    async with server(kept, bounce_address=None) as port:
        assert await deliver(port, "some.service@notify.example.org") == {}


async def test_one_recipient_at_a_time_so_that_each_message_is_kept_for_one(kept):
    async with server(kept) as port:
        refused = await deliver(port, VERP, "bounces@notify.example.org")
    assert refused["bounces@notify.example.org"][0] == 452
    assert [parse_qs(post.query)["to"] for post in kept] == [[VERP]]


async def test_lmtp(kept):
    async with server(kept, protocol="lmtp") as port:
        assert await deliver(port, VERP, client=_Lmtp) == {}
    assert kept[0].body == BOUNCE


class _Lmtp(smtplib.LMTP):
    """As Postfix speaks it; the standard library's connects and says LHLO."""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: x\r\n\r\n" + b"y" * 300_000 + b"\r\n",
        b"\r\n".join([b"z" * 900] * 2000),
        b"Subject: \xff\x00\r\n\r\n..\r\n.\r\n",
    ],
    ids=["empty", "one long line", "large", "odd"],
)
async def test_a_bounce_that_breaks_the_rules_is_kept_too(kept, raw):
    async with server(kept) as port:
        assert await deliver(port, VERP, raw=raw) == {}
    assert len(kept[0].body) <= 262_144


async def test_logs_name_nobody(kept, caplog):
    caplog.set_level(logging.DEBUG)
    async with server(kept) as port:
        await deliver(port, VERP)
        await deliver(port, "jo@example.com")
    assert "@" not in caplog.text


async def test_an_address_that_is_taken_is_said_so(kept):
    async with server(kept) as port:
        with pytest.raises(OSError, match="address already in use"):
            async with listening("127.0.0.1", port, "smtp", BounceHandler("relay", None, kept.keep)):
                pass
