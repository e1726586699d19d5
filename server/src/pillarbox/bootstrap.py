"""Puts the product together from its parts; alone knows the concrete classes."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from psycopg import AsyncConnection
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from pillarbox import metrics
from pillarbox.api import app as api
from pillarbox.api.bodies import BodyLimits
from pillarbox.api.config import ApiConfig
from pillarbox.api.crashes import Crashes
from pillarbox.api.provider_posts import ProviderPosts as PostRoutes
from pillarbox.api.responses import ContractHeaders
from pillarbox.delivery.attempt import SIMULATOR, Routes
from pillarbox.delivery.callbacks import CallbackCaller
from pillarbox.delivery.chores import CHORES
from pillarbox.delivery.clock import Clock
from pillarbox.delivery.routing import Routing, Way
from pillarbox.delivery.worker import Worker
from pillarbox.inbox import routes as inbox
from pillarbox.messages.posts import Intake
from pillarbox.operations.figures import Figures, get_metrics
from pillarbox.operations.worker import WorkerState, worker_app
from pillarbox.providers.base import EmailMessage, Provider, SmsMessage
from pillarbox.providers.configured import Configured, intakes
from pillarbox.providers.file import read_file
from pillarbox.providers.kinds import Keep, Surroundings
from pillarbox.providers.mime import build
from pillarbox.providers.sandbox.provider import SANDBOX, SandboxOptions
from pillarbox.providers.smtp.options import Relay
from pillarbox.providers.smtp.provider import SMTP
from pillarbox.rehearsal.posts import INBOX, SandboxIntake
from pillarbox.settings import Settings
from pillarbox.store.database import Pool, open_pool
from pillarbox.store.ids import new_id
from pillarbox.store.partitions import ensure_days_ahead
from pillarbox.store.provider_posts import ProviderPosts
from pillarbox.store.rehearsals import Rehearsals
from pillarbox.store.sandbox import CaughtMessage, Sandbox
from pillarbox.store.sealing import Seal
from pillarbox.store.store import Store


def seal(settings: Settings) -> Seal:
    """Return what seals secrets: with the key of the settings, or the one in the data directory."""
    return Seal(settings.secret_key or _key_in(settings.data / "secret.key"))


def _key_in(path: Path) -> bytes:
    """A key of this installation's own, made when it is first asked for.

    It is written aside and linked then, so that nobody ever reads half of it, and the first of two wins.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix="secret.key.") as file:  # mode 0600
            file.write(base64.b64encode(os.urandom(32)).decode())
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return base64.b64decode(path.read_text(encoding="ascii"))


def database_url(settings: Settings) -> str:
    """Return where the database is.

    Raises:
        LookupError: if the settings do not say; `pillarbox up` would bring one along.
    """
    if settings.database_url is None:
        raise LookupError(
            "DATABASE_URL is not set: set it, or use `pillarbox up`, which brings a database along"
        )
    return settings.database_url


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Open the data plane's tables for as long as the context lasts."""
    pool = await open_pool(database_url(settings))
    try:
        async with pool.connection() as connection:
            await ensure_days_ahead(connection)
        yield Store.over(pool, seal(settings))
    finally:
        await pool.close()


@asynccontextmanager
async def open_posts(settings: Settings) -> AsyncIterator[ProviderPosts]:
    """Open the table of what providers tell us, and nothing else; fails at once if the database is away."""
    url = database_url(settings)
    await (
        await AsyncConnection.connect(url, connect_timeout=5)
    ).close()  # the pool would wait for half a minute
    pool = await open_pool(url)
    try:
        yield ProviderPosts(pool)
    finally:
        await pool.close()


def configured_providers(settings: Settings) -> list[Configured]:
    """Return the providers of the providers file, or those of the settings: a relay if there is one, and a sandbox.

    Raises:
        ProvidersFileError: with every mistake in the file.
    """
    if settings.providers_file is not None:
        return read_file(settings.providers_file)
    sandbox = Configured("sandbox", SANDBOX, SandboxOptions())
    if settings.email_provider == "sandbox":
        return [sandbox]
    return [
        Configured("smtp", SMTP, _relay(settings)),
        Configured("sandbox", SANDBOX, SandboxOptions(), weight=0),
    ]


def all_intakes(configured: Sequence[Configured]) -> dict[str, Intake]:
    """Return who reads what which provider tells us, and what is made up: for test keys, or by hand in the inbox."""
    made_up = {name: SandboxIntake(name) for name in (SIMULATOR, INBOX)}
    return made_up | intakes(configured)


def has_inbox(configured: Sequence[Configured]) -> bool:
    """Whether anything is caught by a sandbox, so that there is an inbox to show."""
    return any(one.kind is SANDBOX for one in configured)


def api_app(settings: Settings) -> Starlette:
    """Return the API, the routes that providers post to, and the inbox if anything is caught by a sandbox."""
    configured = configured_providers(settings)
    config = ApiConfig(settings.api_url, settings.admin_url, settings.docs_url, settings.email_domain)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with open_store(settings) as store:
            yield {
                "store": store,
                "config": config,
                "inbox_token": settings.inbox_token,
                "metrics_token": settings.metrics_token,
                "figures": Figures(store.queues),
                "stopping": asyncio.Event(),
            }

    routes = [*api.ROUTES, Route("/metrics", get_metrics), *PostRoutes(all_intakes(configured)).routes()]
    if has_inbox(configured):
        routes += inbox.ROUTES
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers=api.EXCEPTION_HANDLERS,
        middleware=[Middleware(ContractHeaders), Middleware(Crashes), Middleware(BodyLimits)],
    )
    app.router.redirect_slashes = False  # with a slash at the end it is another route
    return app


@dataclass(frozen=True)
class Working:
    """A worker, the clock beside it, and what it answers to those who run it."""

    worker: Worker
    clock: Clock
    app: Starlette

    async def run(self) -> None:
        """Work until told to stop."""
        await asyncio.gather(self.worker.run(), self.clock.run())

    def stop(self) -> None:
        """Begin nothing more."""
        self.worker.stop()
        self.clock.stop()


@asynccontextmanager
async def open_worker(settings: Settings, concurrency: int) -> AsyncIterator[Working]:
    """Open a worker with its providers, and what runs beside it."""
    configured = configured_providers(settings)
    async with open_store(settings) as store, AsyncExitStack() as stack:
        ways = await _open_ways(configured, settings, store.pool, stack)
        anywhere = settings.private_callbacks == "allow"
        callbacks = CallbackCaller(store.seal, private_addresses=anywhere, plain_http=anywhere)
        stack.push_async_callback(callbacks.close)
        routes = Routes(_routing("sms", ways), _routing("email", ways), callbacks, settings.email_domain)
        worker = Worker(store, routes, database_url(settings), concurrency, all_intakes(configured))
        yield Working(worker, Clock(store, CHORES), _worker_app(settings, store, worker, ways))


Ways = list[tuple[Configured, Way]]


async def _open_ways(
    configured: Sequence[Configured], settings: Settings, pool: Pool, stack: AsyncExitStack
) -> Ways:
    """Make the providers and open them; the stack closes them."""
    posts = ProviderPosts(pool)
    surroundings = Surroundings(
        keep=_keeper(Sandbox(pool)),
        keep_post=posts.keep,
        api_url=settings.api_url or "http://127.0.0.1:6011",
        stage=Rehearsals(pool, posts),
    )
    ways = []
    for one in configured:
        provider = one.kind.provider(one.name, one.options, surroundings)
        await provider.open()
        stack.push_async_callback(provider.close)
        ways.append((one, Way(provider, one.weight, one.international, one.senders)))
    return ways


def _routing(channel: str, ways: Ways) -> Routing:
    return Routing([way for one, way in ways if channel in one.kind.channels])


@asynccontextmanager
async def open_providers(settings: Settings) -> AsyncIterator[list[tuple[Configured, Provider]]]:
    """Open the providers by themselves, to see how they are."""
    async with AsyncExitStack() as stack:
        pool = await open_pool(database_url(settings))
        stack.push_async_callback(pool.close)
        ways = await _open_ways(configured_providers(settings), settings, pool, stack)
        yield [(one, way.provider) for one, way in ways]


def _worker_app(settings: Settings, store: Store, worker: Worker, ways: Ways) -> Starlette:
    def look() -> None:
        for kind, number in worker.in_hand.items():
            metrics.in_hand(kind, number)
        for one, way in ways:
            for channel in one.kind.channels:
                metrics.provider_health(channel, one.name, rests=way.health.is_open, share=way.health.share)

    def state() -> WorkerState:
        return WorkerState(sum(worker.in_hand.values()), worker.since_last_claim)

    return worker_app(store.pool, Figures(store.queues, look), settings.metrics_token, state)


def _relay(settings: Settings) -> Relay:
    smtp = settings.smtp
    return Relay(
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls,
        username=smtp.username,
        password=smtp.password,
        connections=smtp.connections,
    )


def _keeper(sandbox: Sandbox) -> Keep:
    """Keep what the sandbox provider is handed where the inbox finds it."""

    async def keep(message: SmsMessage | EmailMessage, /, refusal: str | None = None) -> None:
        if isinstance(message, SmsMessage):
            await sandbox.keep(_caught_text(message, refusal))
        else:
            await sandbox.keep(_caught_email(message, refusal))

    return keep


def _caught_text(message: SmsMessage, refusal: str | None) -> CaughtMessage:
    return CaughtMessage(
        id=new_id()[0],
        service_id=message.service_id,
        notification_id=message.notification_id,
        channel="sms",
        recipient=message.to,
        sender=message.sender,
        reference=message.reference,
        subject=None,
        body=message.content,
        refusal=refusal,
    )


def _caught_email(message: EmailMessage, refusal: str | None) -> CaughtMessage:
    return CaughtMessage(
        id=new_id()[0],
        service_id=message.service_id,
        notification_id=message.notification_id,
        channel="email",
        recipient=message.to,
        sender=f'"{message.from_name}" <{message.from_address}>',
        reference=message.reference,
        subject=message.subject,
        body=message.plain,
        html=message.html,
        source=build(message).decode(),
        refusal=refusal,
    )
