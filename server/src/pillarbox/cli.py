"""`pillarbox`: every way to start and look after it."""

import asyncio
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.error import URLError

import click
import psycopg
import uvicorn
import uvloop

from pillarbox import __version__, bootstrap, metrics
from pillarbox.api.connections import Connection, allow_many_connections
from pillarbox.cli_bounces import bounces, listeners
from pillarbox.cli_callbacks import callbacks
from pillarbox.cli_providers import check_providers, providers
from pillarbox.cli_tidy import tidy
from pillarbox.console import migrate as schema
from pillarbox.embedded import EmbeddedPostgres, EmbeddedPostgresError
from pillarbox.exits import NoDatabase, WrongFile, WrongSettings, database_failures, read_settings
from pillarbox.operations.worker import answering
from pillarbox.processes import (
    GRACE,
    SPREADS,
    Child,
    Family,
    collect_garbage_rarely,
    end_with_stdin,
    listen,
)
from pillarbox.settings import Settings
from pillarbox.store.sealing import Seal

_HOST = "127.0.0.1"
_PORT = click.IntRange(1, 65535)
_COUNT = click.IntRange(min=1)
_DIRECTLY = urllib.request.build_opener(
    urllib.request.ProxyHandler({})
)  # we are never behind a proxy of our own


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Pillarbox sends texts, emails and letters for services: an open GOV.UK Notify that anyone can run.

    `pillarbox up` starts everything. The other commands are its parts on their own, for production.
    Settings come from the environment; docs/reference/settings.md lists them.
    """


main.add_command(bounces)
main.add_command(callbacks)
main.add_command(tidy)
main.add_command(providers)


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(__version__)


@main.command()
def migrate() -> None:
    """Create or upgrade the tables of a database.

    It is the one at DATABASE_URL. Running this twice, or twice at once, is harmless.
    """
    settings = read_settings()
    with database_failures():
        schema.connect(bootstrap.database_url(settings))
        schema.migrate()
    click.echo("The database is up to date.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def provision(file: Path) -> None:
    """Create or change services as FILE says.

    FILE is JSON or YAML; docs/reference/provisioning.md describes it. Applying it twice changes nothing. If it has
    mistakes, all are reported with their lines, and nothing is changed.
    """
    settings = read_settings()
    with database_failures():
        schema.connect(bootstrap.database_url(settings))
        _provision(file, settings)


def _provision(file: Path, settings: Settings) -> None:
    # Django's models can be imported only once it knows its database.
    from pillarbox.console.provisioning.apply import apply_file  # noqa: PLC0415
    from pillarbox.console.provisioning.mistakes import ProvisioningError  # noqa: PLC0415

    try:
        tally = apply_file(file, bootstrap.seal(settings), bootstrap.database_url(settings))
    except ProvisioningError as error:
        raise WrongFile("Nothing was changed:\n  " + "\n  ".join(error.mistakes)) from error
    click.echo(f"{file} is applied: {tally}.")


@main.command()
def check() -> None:
    """Check the settings, the database, the secret key and the providers."""
    settings = read_settings()
    click.echo("Settings: fine")
    with (
        database_failures(),
        psycopg.connect(bootstrap.database_url(settings), connect_timeout=5) as connection,
    ):
        major = connection.info.server_version // 10000
    if major < 15:
        raise NoDatabase(f"The database is PostgreSQL {major}, and Pillarbox needs 15 or newer")
    click.echo(f"Database: fine (PostgreSQL {major})")
    with database_failures():
        schema.connect(bootstrap.database_url(settings))
        _check_secret_key(settings)
    check_providers(settings)


def _check_secret_key(settings: Settings) -> None:
    """See whether what is sealed in the database can be opened; without making a key, as other commands would."""
    from pillarbox.console.services.models import ApiKey  # noqa: PLC0415 - needs Django set up

    sealed = ApiKey.objects.values_list("secret", flat=True).first()
    file = settings.data.absolute() / "secret.key"
    if settings.secret_key is not None or file.exists():
        if sealed is not None:
            bootstrap.seal(settings).open(bytes(sealed))
        click.echo(f"Secret key: fine ({'PILLARBOX_SECRET_KEY' if settings.secret_key else file})")
    elif sealed is None:
        click.echo(f"Secret key: none yet, one will be made in {file}")
    else:
        raise WrongSettings(
            f"Secrets in the database are sealed with a key that is neither in PILLARBOX_SECRET_KEY nor in {file}"
        )


@main.command()
@click.option("--host", default=_HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=6011, type=_PORT, show_default=True, help="Port to listen on.")
@click.option("--workers", default=1, type=_COUNT, show_default=True, help="Number of API processes.")
@click.option("--fd", type=int, hidden=True, help="A socket that the parent opened.")
@click.option("--beside-others", is_flag=True, hidden=True, help="Other processes listen on that port too.")
@click.option("--while-stdin-is-open", is_flag=True, hidden=True, help="Stop when the parent is gone.")
def serve(  # noqa: PLR0917 - as many as there are options
    host: str,
    port: int,
    workers: int,
    fd: int | None,
    beside_others: bool,  # noqa: FBT001
    while_stdin_is_open: bool,  # noqa: FBT001
) -> None:
    """Run the API and the inbox, on the database at DATABASE_URL.

    SIGTERM or Ctrl-C stops it once the requests in hand are answered.
    """
    settings = read_settings()
    with database_failures():
        bootstrap.database_url(settings)
    if while_stdin_is_open:
        end_with_stdin()
    if fd is not None:
        _serve(socket.socket(fileno=fd))
    elif workers == 1:
        _serve(_listen(host, port, beside_others=beside_others))
    else:
        _serve_with(workers, Door.open(host, port, workers))


def _listen(host: str, port: int, *, beside_others: bool = False) -> socket.socket:
    try:
        return listen(host, port, beside_others=beside_others)
    except OSError as error:
        raise click.ClickException(f"Port {port} on {host} is not free: {error.strerror}") from error


@dataclass(frozen=True)
class Door:
    """Where API processes take connections; nobody else gets the port from the moment that it is open.

    Attributes:
        socket: they share it, or it keeps the port until they open their own.
        arguments: what they are told.
        is_shared: which of the two.
    """

    socket: socket.socket
    arguments: tuple[str, ...]
    is_shared: bool

    @classmethod
    def open(cls, host: str, port: int, workers: int) -> "Door":
        """Open one socket for all; where the system spreads connections over several, each opens its own later."""
        listener = _listen(host, port)
        if workers == 1 or not SPREADS:
            return cls(listener, ("--fd", str(listener.fileno())), is_shared=True)
        own = ("--host", host, "--port", str(port), "--beside-others")
        return cls(listener, own, is_shared=False)

    def children(self, workers: int, environment: Mapping[str, str]) -> list[Child]:
        """Return the processes, which are to be started now."""
        if not self.is_shared:
            self.socket.close()
        inherited = (self.socket.fileno(),) if self.is_shared else ()
        return [Child(("serve", *self.arguments), environment, inherited) for _ in range(workers)]


def _serve(listener: socket.socket) -> None:
    config = uvicorn.Config(
        "pillarbox.asgi:create",
        factory=True,
        log_config=None,  # ours, so that its lines are structured, too
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(GRACE) - 2,
        backlog=2048,
        http=Connection,
        ws="none",
    )
    allow_many_connections()
    collect_garbage_rarely()
    with suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])


class Server(uvicorn.Server):
    """Tells those who wait for something (the inbox's long polls) that we are about to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take note of SIGTERM or SIGINT."""
        stopping = self.lifespan.state.get("stopping")
        if stopping is not None:
            stopping.set()
        super().handle_exit(sig, frame)


def _serve_with(workers: int, door: Door) -> None:
    with metrics.shared_by(workers) as counting:
        family = Family(door.children(workers, os.environ | counting))
        family.start()
        family.watch()
        family.stop()


@main.command()
@click.option(
    "--concurrency", default=400, type=_COUNT, show_default=True, help="Messages under way at once."
)
@click.option("--metrics-port", type=_PORT, help="Answer /metrics and /_status on this port.")
@click.option("--metrics-host", default=_HOST, show_default=True, help="Address of that port.")
@click.option("--while-stdin-is-open", is_flag=True, hidden=True, help="Stop when the parent is gone.")
def work(concurrency: int, metrics_port: int | None, metrics_host: str, while_stdin_is_open: bool) -> None:  # noqa: FBT001
    """Run a worker, which hands messages to providers. Any number may run at once.

    SIGTERM or Ctrl-C stops it once the messages in hand are dealt with.
    """
    settings = read_settings()
    if while_stdin_is_open:
        end_with_stdin()
    with database_failures():
        listener = _listen(metrics_host, metrics_port) if metrics_port else None
        collect_garbage_rarely()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_work(settings, concurrency, listener))


async def _work(settings: Settings, concurrency: int, listener: socket.socket | None) -> None:
    async with AsyncExitStack() as stack:
        working = await stack.enter_async_context(bootstrap.open_worker(settings, concurrency))
        if listener is not None:
            await stack.enter_async_context(answering(working.app, listener))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, working.stop)
        await working.run()


@main.command()
@click.option(
    "--data", metavar="DIR", help="Where the database and the secret key are kept.  [default: .pillarbox]"
)
@click.option(
    "--port", default=6011, type=_PORT, show_default=True, help="Port of the API and the inbox, on 127.0.0.1."
)
@click.option("--workers", default=1, type=_COUNT, show_default=True, help="Number of API processes.")
@click.option(
    "--provision",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Apply this file first.",
)
@click.option("--no-demo", is_flag=True, help="Do not create the demo service.")
def up(data: str | None, port: int, workers: int, file: Path | None, no_demo: bool) -> None:  # noqa: FBT001
    """Start everything in the foreground; Ctrl-C stops it.

    That is the database, the API, a worker and the inbox. Without DATABASE_URL a PostgreSQL of its own is started,
    its data kept in DIR. When requests are accepted, one line `ready http://…` is printed.
    """
    # On a developer's machine the services to call back are on that machine, too.
    os.environ.setdefault("PILLARBOX_PRIVATE_CALLBACKS", "allow")
    settings = read_settings(PILLARBOX_DATA=data)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(1)
    )  # until the family takes over: leave by the same doors
    door = Door.open(_HOST, port, workers)
    with _database(settings) as (url, keep_alive), metrics.shared_by(workers) as counting:
        settings = read_settings(DATABASE_URL=url)
        keys = _prepare(settings, file, demo=not no_demo)
        environment = {"PILLARBOX_LOG_LEVEL": "warning"} | os.environ
        children = [
            *door.children(workers, environment | counting),
            Child(("work",), environment),
            *listeners(settings, environment),
        ]
        family = Family(children, also=keep_alive)
        family.start()
        try:
            family.watch(until=lambda: _answers(port))
            if not family.is_ending:
                _welcome(settings, f"http://{_HOST}:{port}", keys)
            family.watch()
        finally:
            click.echo("Stopping: finishing what is in hand …")
            family.stop()


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, "KeepAlive"]]:
    """The database of the settings, or an embedded one that is started again if it dies."""
    if settings.database_url is not None:
        yield settings.database_url, KeepAlive(None)
        return
    server = EmbeddedPostgres(settings.data / "postgres")
    with database_failures():
        url = server.start()
    try:
        yield url, KeepAlive(server)
    finally:
        server.stop()


class KeepAlive:
    """Starts the embedded database again if it died."""

    def __init__(self, server: EmbeddedPostgres | None) -> None:
        self._server = server

    def __call__(self) -> None:
        """Look once."""
        if self._server is not None and not self._server.is_running():
            click.echo("The database died: starting it again", err=True)
            try:
                self._server.start()
            except EmbeddedPostgresError as error:
                click.echo(f"That failed, and will be tried again: {error}", err=True)


def _prepare(settings: Settings, file: Path | None, *, demo: bool) -> dict[str, str]:
    """Bring the database up to date, and return the keys of the demo service, if it is wanted."""
    with database_failures():
        schema.connect(bootstrap.database_url(settings))
        schema.migrate()
        keys = _demo_keys(bootstrap.seal(settings)) if demo else {}
        if file is not None:
            _provision(file, settings)
        return keys


def _demo_keys(seal: Seal) -> dict[str, str]:
    from pillarbox.console.provisioning.demo import keys, make_demo  # noqa: PLC0415 - needs Django set up

    make_demo(seal)
    return keys(seal)


def _answers(port: int) -> bool:
    try:
        with _DIRECTLY.open(f"http://{_HOST}:{port}/_status", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _welcome(settings: Settings, base: str, keys: dict[str, str]) -> None:
    click.echo(f"ready {base}")
    click.echo(f"\n  API    {base}\n  Inbox  {base}/inbox\n  Data   {settings.data.absolute()}")
    if keys:
        click.echo("\n  Keys of the demo service:")
        for kind, key in keys.items():
            click.echo(f"    {kind:5} {key}")
    if "live" in keys:
        from pillarbox.console.provisioning.demo import snippet  # noqa: PLC0415 - needs Django set up

        click.echo(f"\n  Send a first text and email: start {sys.executable} and paste\n")
        click.echo(snippet(base, keys["live"]))
    click.echo("\n  Ctrl-C stops everything.", nl=True)
    sys.stdout.flush()
