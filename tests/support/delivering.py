"""Messages put into a real outbox, and what becomes of them there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from pillarbox.actions.accept import Email, Letter, Text, accept_email, accept_letter, accept_text
from pillarbox.delivery.attempt import SIMULATOR, Routes, attempt
from pillarbox.delivery.callbacks import CallbackCaller
from pillarbox.delivery.calling_back import call_back
from pillarbox.delivery.posts import PostReader
from pillarbox.delivery.routing import Health, Routing, Way
from pillarbox.delivery.worker import Worker
from pillarbox.providers.base import Accepted, Answer, EmailMessage, PlainProvider, SmsMessage
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.rehearsal.posts import SandboxIntake
from pillarbox.store.callback_attempts import CallbackAttempt
from pillarbox.store.database import open_pool
from pillarbox.store.notifications import NewNotification
from pillarbox.store.outbox import Call, Claim, Settlement
from pillarbox.store.partitions import ensure_days_ahead
from pillarbox.store.sealing import Seal
from pillarbox.store.store import Store
from tests.support.api import SECRET_KEY
from tests.support.factories import MadeService

DOMAIN = "notify.example.org"
TOKEN = "a-bearer-token"
MADE_UP = {name: SandboxIntake(name) for name in (SIMULATOR, "scripted")}
ADDRESS = {"address_line_1": "Jo Public", "address_line_2": "1 High Street", "address_line_3": "SW1A 1AA"}


class ScriptedProvider(PlainProvider):
    """Gives the answers it was told to, then accepts. An exception in place of an answer is raised."""

    name = "scripted"

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = list(answers)
        self.messages: list[SmsMessage | EmailMessage] = []

    async def submit(self, message: SmsMessage | EmailMessage) -> Answer:
        """Remember a message."""
        self.messages.append(message)
        answer = self.answers.pop(0) if self.answers else Accepted(reference="theirs")
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def ids(self) -> list[UUID]:
        """Which notifications it was handed, in order."""
        return [message.notification_id for message in self.messages]


class Delivering:
    """A store with one service in it.

    Args:
        store: its tables.
        service: the service.
        url: where the database is.
    """

    def __init__(self, store: Store, service: MadeService, url: str) -> None:
        self.store = store
        self.service = service
        self.url = url

    async def text(
        self, to: str = "07700900123", kind: str = "normal", name: str = "Jo", reference: str = "ours"
    ) -> UUID:
        """Accept a text; return its id."""
        form = Text(to, PhoneNumber.parse(to), {"name": name}, reference=reference)
        return await self._add(accept_text(*await self._parts("sms", kind), form).notification)

    async def email(self, to: str = "jo@example.com", kind: str = "normal", **more: Any) -> UUID:
        """Accept an email; return its id."""
        form = Email(to, {"name": "Jo"}, **more)
        return await self._add(accept_email(*await self._parts("email", kind), form).notification)

    async def letter(self, kind: str = "normal") -> UUID:
        """Accept a templated letter; return its id."""
        form = Letter(ADDRESS | {"name": "Jo"})
        return await self._add(accept_letter(*await self._parts("letter", kind), form).notification)

    async def _parts(self, channel: str, kind: str) -> tuple[Any, Any, Any]:
        service = await self.store.services.find(UUID(self.service.id))
        assert service is not None
        template = await self.store.templates.current(service.id, UUID(self.service.templates[channel]))
        key = next(key for key in service.api_keys if key.key_type == kind)
        return service, key, template

    async def _add(self, notification: NewNotification) -> UUID:
        await self.store.notifications.add(notification)
        return notification.id

    async def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What a query gives."""
        async with (
            self.store.pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def notification(self, identifier: UUID) -> dict[str, Any]:
        """The row of a message."""
        return (await self.rows("select * from notification where id = %s", identifier))[0]

    async def status(self, identifier: UUID) -> str:
        """The status of a message."""
        return str((await self.notification(identifier))["status"])

    async def outbox(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What is still to be done; `due_in` is in seconds."""
        return await self.rows(
            "select *, extract(epoch from due - clock_timestamp())::float as due_in from outbox"
            " where %s::text is null or kind = %s order by id",
            kind,
            kind,
        )

    async def make_all_due(self) -> None:
        """As if time had passed."""
        await self.rows("update outbox set due = clock_timestamp()")

    async def call_back_at(self, url: str, token: str = TOKEN, kind: str = "delivery_status") -> None:
        """Tell the service of deliveries, or of something else, at a URL."""
        await self.rows(
            "insert into callback (service_id, kind, url, bearer_token) values (%s, %s, %s, %s)"
            " on conflict (service_id, kind) do update set url = excluded.url, bearer_token = excluded.bearer_token",
            self.service.id,
            kind,
            url,
            self.store.seal.close(token),
        )

    async def receipt(self, identifier: UUID, status: str) -> None:
        """Queue a receipt as a provider would send it."""
        await self.rows(
            "insert into provider_post (provider, kind, body) values ('simulator', 'receipt',"
            " convert_to(json_build_object('reference', %s::text, 'status', %s::text)::text, 'UTF8'))",
            identifier,
            status,
        )

    async def receipts(self) -> list[dict[str, Any]]:
        """The receipts that are still to be applied; `due_in` is in seconds."""
        return await self.rows(
            "select *, convert_from(body, 'UTF8')::json as said,"
            " extract(epoch from due - clock_timestamp())::float as due_in from provider_post order by id"
        )

    async def claim_one(self) -> Claim:
        """The only message that is due."""
        (claim,) = await self.store.outbox.claim(10)
        return claim

    async def call_one(self) -> Call:
        """The only callback that is due."""
        (call,) = await self.store.outbox.claim_calls(10)
        return call

    async def work(self, routes: Routes, rounds: int = 1) -> list[Settlement]:
        """Claim what is due, attempt it one by one, settle it together; as often as told. The last settlements.

        Receipts that were there before are applied in between.
        """
        settlements: list[Settlement] = []
        posts = PostReader(self.store, MADE_UP)
        for _ in range(rounds):
            claims, calls = await self.store.outbox.claim(100), await self.store.outbox.claim_calls(100)
            await posts.turn()
            settlements = [await attempt(claim, self.store, routes) for claim in claims]
            settlements += [await call_back(call, self.store, routes.callbacks) for call in calls]
            await self.store.outbox.settle(settlements)
        return settlements


async def put_on_record(store: Store, attempt: CallbackAttempt) -> None:
    """As if a service had been called back."""
    await store.outbox.settle([Settlement(0, 0, None, None, record=attempt)])


@asynccontextmanager
async def delivering(url: str, service: MadeService) -> AsyncIterator[Delivering]:
    """A store on a database that has this service in it."""
    pool = await open_pool(url)
    try:
        async with pool.connection() as connection:
            await ensure_days_ahead(connection)
        yield Delivering(Store.over(pool, Seal(SECRET_KEY)), service, url)
    finally:
        await pool.close()


@asynccontextmanager
async def routes_to(provider: ScriptedProvider, *, private_addresses: bool = True) -> AsyncIterator[Routes]:
    """Routes that all lead to one provider."""
    callbacks = CallbackCaller(Seal(SECRET_KEY), private_addresses=private_addresses, plain_http=True)
    try:
        way = Way(provider, health=Health(patience=1000))
        yield Routes(Routing([way]), Routing([way]), callbacks, DOMAIN)
    finally:
        await callbacks.close()


@asynccontextmanager
async def working(post: Delivering, routes: Routes, concurrency: int = 100) -> AsyncIterator[Worker]:
    """A worker at work; it is stopped in the end and what it has in hand is waited for."""
    worker = Worker(post.store, routes, post.url, concurrency, MADE_UP)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(running, 15)


async def until(condition: Callable[[], Awaitable[bool]], within: float = 10.0) -> None:
    """Ask until the answer is yes."""
    for _ in range(round(within / 0.02)):
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {within} s")
