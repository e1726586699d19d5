"""An inbox that is empty when a test begins."""

import asyncio
import json
from uuid import UUID

import pytest
from starlette.applications import Starlette

from pillarbox.inbox.routes import ROUTES
from pillarbox.store.database import open_pool
from pillarbox.store.ids import new_id
from pillarbox.store.sandbox import CaughtMessage
from pillarbox.store.sealing import Seal
from pillarbox.store.store import Store
from tests.support.api import SECRET_KEY, provision
from tests.support.asgi import ask
from tests.support.console import migrate
from tests.support.factories import MadeService, document


class Inbox:
    """The inbox's routes, and ways to put messages into it."""

    def __init__(self, pool):
        self.store = Store.over(pool, Seal(SECRET_KEY))
        self.sandbox = self.store.sandbox
        self.app = Starlette(routes=ROUTES)
        self.token = None
        self.stopping = asyncio.Event()

    async def ask(self, method, path, **how):
        state = {"store": self.store, "inbox_token": self.token, "stopping": self.stopping}
        return await ask(self.app, method, path, state=state, **how)

    async def get(self, path, **how):
        return await self.ask("GET", path, **how)

    async def send(self, method, path, body, **how):
        """A request with a body: bytes, or what is made JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.ask(method, path, body=content, **how)

    async def found(self, query=""):
        """The references of the messages that a query finds."""
        answer = await self.get(f"/inbox/messages?{query}")
        assert answer.status == 200, answer.text
        return [message["reference"] for message in answer.json["messages"]]

    async def catch(self, reference, to="447700900123", **fields):
        email = {"subject": "Hello", "html": "<html><head></head><p>Hello", "source": "Subject: Hello"}
        values = {"channel": "sms", "subject": None, "body": "Hello", "sender": "GOVUK", **fields}
        message = CaughtMessage(
            id=new_id()[0],
            recipient=to,
            reference=reference,
            **{"notification_id": new_id()[0], "service_id": UUID(int=1)}
            | ((email | values | {"subject": "Hello"}) if values["channel"] == "email" else values),
        )
        await self.sandbox.keep(message)
        return str(message.id)


@pytest.fixture(scope="session")
def inbox_database(databases):
    """One for all of these tests, since each begins by emptying the inbox."""
    with databases.fresh(databases.template("migrated", migrate)) as url:
        yield url


@pytest.fixture
async def inbox(inbox_database):
    pool = await open_pool(inbox_database, size=2)
    found = Inbox(pool)
    await found.sandbox.empty()
    await found.store.rehearsals.replace([])
    try:
        yield found
    finally:
        await pool.close()


@pytest.fixture(scope="session")
def a_service_with_a_number(inbox_database):
    """Texts to 07700 900509 are this service's."""
    service = MadeService("listener", options={"inbound_number": "07700900509"})
    provision(inbox_database, document(service))
    return service
