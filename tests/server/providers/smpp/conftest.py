"""A provider for whichever SMSC a test has, and what it has kept."""

from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from pillarbox.providers.base import SmsMessage
from pillarbox.providers.smpp.intake import SmppIntake
from pillarbox.providers.smpp.options import Smsc
from pillarbox.providers.smpp.provider import SmppProvider


class Kept:
    """What the provider has kept, and what its intake reads out of it.

    Attributes:
        broken: whether keeping fails.
    """

    def __init__(self):
        self.posts = []
        self.broken = False

    async def keep(self, post):
        if self.broken:
            raise ConnectionError("the database is away")
        self.posts.append(post)

    def read(self, **options):
        intake = SmppIntake("smsc", smsc_options(1, **options))
        return [news for post in self.posts for news in intake.read(post)]


def smsc_options(port, **more):
    given = {"host": "127.0.0.1", "port": port, "system_id": "pillar", "password": "secret"}
    return Smsc(**(given | more))


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
async def provider_for(kept):
    """Open a provider for an SMSC at a port."""
    async with AsyncExitStack() as stack:

        async def provider_for(port, **more):
            provider = SmppProvider("smsc", smsc_options(port, **more), kept.keep)
            assert provider._smsc.mistakes() == []
            await provider.open()
            stack.push_async_callback(provider.close)
            return provider

        yield provider_for


@pytest.fixture
def text():
    """Make a text; the last digit of its number may mean something to the SMSC."""

    def text(content="Hello", to="447700900120", sender="GOVUK", number=1):
        identifier = UUID(int=(7 << 76) + number)
        return SmsMessage(identifier, identifier, to, content, sender, international=False)

    return text
