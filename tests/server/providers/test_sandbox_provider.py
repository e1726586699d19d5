"""The sandbox keeps what it is handed and promises that it will be reported delivered."""

from uuid import UUID

import pytest

from pillarbox.providers.base import Accepted, EmailMessage, SmsMessage
from pillarbox.providers.kinds import Surroundings
from pillarbox.providers.sandbox.provider import SANDBOX, SandboxOptions, SandboxProvider

ID = UUID("0198c0de-0000-7000-8000-000000000001")
TEXT = SmsMessage(ID, ID, "447700900123", "Hello", "GOVUK", international=False)
EMAIL = EmailMessage(
    ID, ID, "Some Service", "s@example.org", "jo@example.com", "News", "Hello", "<p>Hello</p>"
)


@pytest.mark.parametrize("message", [TEXT, EMAIL])
async def test_a_message_is_kept_and_reported_delivered_at_once(message):
    kept = []

    async def keep(one):
        kept.append(one)

    provider = SandboxProvider(keep)
    assert await provider.submit(message) == Accepted(reference=str(ID), receipt="delivered", receipt_in=0.0)
    assert kept == [message]
    await provider.close()


async def test_what_could_not_be_kept_is_not_accepted():
    async def keep(_one):
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        await SandboxProvider(keep).submit(TEXT)


@pytest.mark.parametrize(("reports", "receipt"), [("delivered", "delivered"), ("never", None)])
async def test_the_providers_file_says_whether_anything_is_heard_of_messages(reports, receipt):
    async def keep(_one):
        pass

    surroundings = Surroundings(keep, keep, "http://127.0.0.1")
    provider = SANDBOX.provider("quiet", SandboxOptions(reports=reports), surroundings)
    assert await provider.submit(TEXT) == Accepted(reference=str(ID), receipt=receipt)
