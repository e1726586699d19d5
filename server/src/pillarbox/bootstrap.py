"""Puts the product together from its parts; alone knows the concrete classes."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware

from pillarbox.api import app as api
from pillarbox.api.bodies import BodyLimits
from pillarbox.api.config import ApiConfig
from pillarbox.api.crashes import Crashes
from pillarbox.api.provider_posts import ProviderPosts
from pillarbox.api.responses import ContractHeaders
from pillarbox.delivery.attempt import Routes
from pillarbox.delivery.callbacks import CallbackCaller
from pillarbox.delivery.chores import CHORES
from pillarbox.delivery.clock import Clock
from pillarbox.delivery.worker import Worker
from pillarbox.inbox import routes as inbox
from pillarbox.messages.posts import Intake
from pillarbox.providers.base import EmailMessage, EmailProvider, SmsMessage
from pillarbox.providers.kinds import Keep
from pillarbox.providers.mime import build
from pillarbox.providers.sandbox.provider import SandboxProvider
from pillarbox.providers.smtp.options import Relay
from pillarbox.providers.smtp.provider import SmtpProvider
from pillarbox.settings import Settings
from pillarbox.store.database import open_pool
from pillarbox.store.ids import new_id
from pillarbox.store.partitions import ensure_days_ahead
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


def api_app(settings: Settings, intakes: Mapping[str, Intake] = MappingProxyType({})) -> Starlette:
    """Return the API with the inbox beside it, and the routes that providers post to."""
    config = ApiConfig(settings.api_url, settings.admin_url, settings.docs_url, settings.email_domain)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with open_store(settings) as store:
            yield {
                "store": store,
                "config": config,
                "inbox_token": settings.inbox_token,
                "stopping": asyncio.Event(),
            }

    routes = [*api.ROUTES, *ProviderPosts(intakes).routes(), *(inbox.ROUTES if settings.inbox else ())]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers=api.EXCEPTION_HANDLERS,
        middleware=[Middleware(ContractHeaders), Middleware(Crashes), Middleware(BodyLimits)],
    )
    app.router.redirect_slashes = False  # with a slash at the end it is another route
    return app


@asynccontextmanager
async def open_worker(settings: Settings, concurrency: int) -> AsyncIterator[tuple[Worker, Clock]]:
    """Open a worker with its providers, and the clock beside it."""
    async with open_store(settings) as store:
        sandbox = SandboxProvider(_keeper(store.sandbox), stage=store.rehearsals)
        email: EmailProvider = (
            sandbox if settings.email_provider == "sandbox" else SmtpProvider(_relay(settings))
        )
        anywhere = settings.private_callbacks == "allow"
        callbacks = CallbackCaller(store.seal, private_addresses=anywhere, plain_http=anywhere)
        routes = Routes(sandbox, email, callbacks, settings.email_domain)
        try:
            yield Worker(store, routes, database_url(settings), concurrency), Clock(store, CHORES)
        finally:
            await email.close()
            await callbacks.close()


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
        caught = _caught_text(message) if isinstance(message, SmsMessage) else _caught_email(message)
        await sandbox.keep(msgspec.structs.replace(caught, refusal=refusal))

    return keep


def _caught_text(message: SmsMessage) -> CaughtMessage:
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
    )


def _caught_email(message: EmailMessage) -> CaughtMessage:
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
    )
