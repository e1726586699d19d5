"""Two workers' sandboxes on one database, and what they keep there."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from pillarbox.messages.posts import Post
from pillarbox.providers.base import EmailMessage, SmsMessage
from pillarbox.providers.kinds import Surroundings
from pillarbox.providers.sandbox.provider import SANDBOX, SandboxOptions
from pillarbox.rehearsal.posts import SandboxIntake
from pillarbox.rehearsal.rules import Rule
from pillarbox.store.database import open_pool
from pillarbox.store.ids import new_id
from pillarbox.store.rehearsals import LIFETIME
from pillarbox.store.sealing import Seal
from pillarbox.store.store import Store
from tests.support.api import SECRET_KEY, provision
from tests.support.console import migrate
from tests.support.factories import MadeService, document

ONE, TWO = MadeService("one"), MadeService("two")


def text(to="447700900456", service=ONE, content="Hello Jo", **fields):
    values = {"sender": "GOVUK", "international": False, "template_id": UUID(service.templates["sms"])}
    return SmsMessage(new_id()[0], UUID(service.id), to, content, **(values | fields))


def email(to="jo@example.com", service=ONE, subject="News", **fields):
    values = {"plain": "Hello", "html": "<p>Hello</p>", "template_id": UUID(service.templates["email"])}
    return EmailMessage(
        new_id()[0], UUID(service.id), "One", "one@example.org", to, subject, **(values | fields)
    )


class Stage:
    """A database with rules in it, and the sandboxes of workers that play by them."""

    def __init__(self, stores):
        self.stores = stores
        self.rehearsals = stores[0].rehearsals
        self.caught = []

    def sandbox(self, worker=0, name="sandbox", **options):
        store = self.stores[worker]

        async def keep(message, /, refusal=None):
            self.caught.append((message, refusal))

        surroundings = Surroundings(keep, store.provider_posts.keep, "http://127.0.0.1", store.rehearsals)
        return SANDBOX.provider(name, SandboxOptions(**options), surroundings)

    async def play(self, *rules):
        """Set rules, and wait until every worker knows them."""
        await self.rehearsals.replace([Rule(**rule) for rule in rules])
        await asyncio.sleep(LIFETIME + 0.05)

    async def submit(self, message, *rules, **how):
        """What a sandbox answers a message under these rules."""
        await self.play(*rules)
        return await self.sandbox(**how).submit(message)

    async def rows(self, query, *values):
        async with self.stores[0].pool.connection() as connection:
            return await (await connection.execute(query, values)).fetchall()

    async def posts(self):
        """What was posted, as the worker will read it, and in how many seconds, from the first on."""
        rows = await self.rows(
            "select provider, kind, body, content_type, extract(epoch from due - received_at)::float"
            " from provider_post order by due, id"
        )
        return [(SandboxIntake("").read(Post(*row[:4])), round(row[4], 1)) for row in rows]


@pytest.fixture(scope="session")
def stage_database(databases):
    with databases.fresh(databases.template("migrated", migrate)) as url:
        provision(url, document(ONE, TWO))
        yield url


@pytest.fixture
async def stage(stage_database):
    async with AsyncExitStack() as stack:
        stores = []
        for _ in range(2):
            pool = await open_pool(stage_database, size=4)
            stack.push_async_callback(pool.close)
            stores.append(Store.over(pool, Seal(SECRET_KEY)))
        stage = Stage(stores)
        await stage.rows("delete from provider_post returning 1")
        await stage.rows(
            "update service set inbound_number = case when id = %s then '07700900500' end returning 1", ONE.id
        )
        await stage.rehearsals.replace([])
        yield stage
