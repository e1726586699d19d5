"""Providers of the kind sms_http for tests, and messages for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from pillarbox.providers.base import SmsMessage
from pillarbox.providers.kinds import Surroundings
from pillarbox.providers.sms_http.kind import SMS_HTTP, Gateway
from pillarbox.providers.sms_http.provider import HttpGateway

ID = UUID("0198c0de-0000-7000-8000-000000000001")


def message(**more: Any) -> SmsMessage:
    """A text."""
    given = {"to": "447700900123", "content": "Hello", "sender": "GOVUK"}
    return SmsMessage(notification_id=ID, service_id=ID, international=False, **(given | more))


async def _nowhere(_one: object) -> None:
    raise AssertionError("nothing is kept here")


def made(options: Gateway) -> HttpGateway:
    """A provider from options, as the providers file makes it."""
    assert list(options.mistakes()) == []
    surroundings = Surroundings(_nowhere, _nowhere, "https://notify.example.org")
    provider = SMS_HTTP.provider("gateway", options, surroundings)
    assert isinstance(provider, HttpGateway)
    return provider


@asynccontextmanager
async def opened(provider: HttpGateway) -> AsyncIterator[HttpGateway]:
    """A provider, ready to send."""
    await provider.open()
    try:
        yield provider
    finally:
        await provider.close()
