"""What becomes of emails behind a real relay comes back as what it was: Postfix reports it, our listener takes it."""

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from msgspec.structs import replace

from pillarbox.providers.base import Accepted, EmailMessage
from pillarbox.providers.smtp.bounces.intake import BounceIntake
from pillarbox.providers.smtp.bounces.listener import BounceHandler, listening
from pillarbox.providers.smtp.options import Relay
from pillarbox.providers.smtp.provider import SmtpProvider
from tests.support.postfix import BOUNCE_DOMAIN, Sink, postfix

BOUNCES = f"bounces@{BOUNCE_DOMAIN}"
LONG = 60  # seconds; Postfix takes a few


class Reports:
    """Receipts that the listener took."""

    def __init__(self):
        self._intake = BounceIntake("relay")
        self._came = asyncio.Condition()
        self.receipts = []

    async def keep(self, post):
        async with self._came:
            self.receipts += self._intake.read(post)
            self._came.notify_all()

    def of(self, message):
        return [receipt for receipt in self.receipts if receipt.reference == str(message.notification_id)]

    async def wait_for(self, message, count=1):
        async with self._came:
            await asyncio.wait_for(self._came.wait_for(lambda: len(self.of(message)) >= count), LONG)
        return [(receipt.status, receipt.code) for receipt in self.of(message)]


@asynccontextmanager
async def behind(relay, **options):
    """A provider that hands to the relay, what is reported, and the servers behind it."""
    reports = Reports()
    provider = SmtpProvider(Relay(host="127.0.0.1", port=relay.port, tls="none", **options))
    handler = BounceHandler("relay", BOUNCES, reports.keep)
    sink = Controller(Sink(), hostname="127.0.0.1", port=relay.sink)
    await asyncio.to_thread(sink.start)
    try:
        async with listening("127.0.0.1", relay.bounces, "smtp", handler):
            yield provider, reports
    finally:
        await provider.close()
        await asyncio.to_thread(sink.stop)


def message(to):
    identifier = uuid4()
    return EmailMessage(
        identifier,
        identifier,
        "Some Service",
        f"some.service@{BOUNCE_DOMAIN}",
        to,
        "News",
        "Hello",
        "<p>Hello</p>",
    )


@pytest.fixture(scope="module")
def relay():
    """Tries each email once."""
    with postfix() as relay:
        yield relay


FATES = [
    ("jo@example.com", ("delivered", "2.0.0")),  # relayed: the next server reports nothing
    ("jo@inbox.example", ("delivered", "2.0.0")),
    ("unknown@example.com", ("permanent-failure", "5.1.1")),
    ("later@example.com", ("temporary-failure", "4.7.1")),
    ("spam@example.com", ("permanent-failure", "5.7.1")),
]


@pytest.mark.parametrize(("to", "fate"), FATES)
async def test_what_became_of_an_email_is_reported(relay, to, fate):
    async with behind(relay, bounce_address=BOUNCES) as (provider, reports):
        sent = message(to)
        answer = await provider.submit(sent)
        assert (type(answer), answer.receipt) == (Accepted, None)
        assert await reports.wait_for(sent) == [fate]
    assert all("@" not in (receipt.reason or "") for receipt in reports.receipts)


async def test_bounces_that_come_to_one_address_are_told_apart_by_what_they_quote(relay):
    """Without an address of its own for each email."""
    async with behind(relay) as (provider, reports):
        first, second = (
            replace(message(to), from_address=BOUNCES) for to in ("unknown@example.com", "jo@example.com")
        )
        await provider.submit(first)
        await provider.submit(second)
        assert await reports.wait_for(first) == [("permanent-failure", "5.1.1")]
        assert await reports.wait_for(second) == [("delivered", "2.0.0")]


async def test_a_delayed_email_is_reported_as_such_before_it_fails():
    with postfix(lifetime="5s", warning="1s") as relay:
        async with behind(relay, bounce_address=BOUNCES) as (provider, reports):
            sent = message("later@example.com")
            await provider.submit(sent)
            assert await reports.wait_for(sent, 2) == [(None, "4.7.1"), ("temporary-failure", "4.7.1")]
