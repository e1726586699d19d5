"""`pillarbox bounces`: taking what comes back of emails, from a mail system that brings it or pipes it in."""

import asyncio
import signal
import sys
from collections.abc import Mapping

import click
import structlog

from pillarbox import bootstrap
from pillarbox.exits import WrongSettings, database_failures, read_settings
from pillarbox.processes import Child, end_with_stdin
from pillarbox.providers.smtp.bounces.intake import post_of
from pillarbox.providers.smtp.bounces.listener import BounceHandler, Protocol, listening
from pillarbox.providers.smtp.bounces.mail import MOST_READ
from pillarbox.providers.smtp.options import Relay, place
from pillarbox.settings import Settings

log = structlog.get_logger()


class TryAgain(click.ClickException):
    """The message was not kept; mail systems that pipe it in keep it themselves and come again (EX_TEMPFAIL)."""

    exit_code = 75


class Place(click.ParamType[tuple[str, int]]):
    """Where to listen: a host and a port."""

    name = "HOST:PORT"

    def convert(
        self, value: str | tuple[str, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Return host and port."""
        try:
            return place(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option("--listen", type=Place(), help="Take bounces at this address until stopped.")
@click.option(
    "--protocol",
    type=click.Choice(["smtp", "lmtp"]),
    default="smtp",
    show_default=True,
    help="What is spoken there.",
)
@click.option("--stdin", "from_stdin", is_flag=True, help="Take one bounce from standard input.")
@click.option("--to", "recipient", metavar="ADDRESS", help="With --stdin: the address that it came to.")
@click.option("--from", "sender", metavar="ADDRESS", help="With --stdin: its envelope sender, if known.")
@click.option("--provider", "name", metavar="NAME", help="Whose bounces: needed with several relays only.")
@click.option("--while-stdin-is-open", is_flag=True, hidden=True, help="Stop when the parent is gone.")
def bounces(
    listen: tuple[str, int] | None,
    protocol: Protocol,
    recipient: str | None,
    sender: str | None,
    name: str | None,
    *,
    from_stdin: bool,
    while_stdin_is_open: bool,
) -> None:
    """Take bounces and reports of delivery for the worker to read.

    Either --listen, and a mail system brings them by SMTP or LMTP, or --stdin, and one is piped in; exit code 75 asks
    for it to be piped in again. Nothing is taken before it is in the database.
    """
    if (listen is None) is not from_stdin or (from_stdin and recipient is None):
        raise click.UsageError("say either --listen HOST:PORT or --stdin --to ADDRESS")
    if from_stdin:
        _take_one(name, str(recipient), sender)
        return
    settings = read_settings()
    if while_stdin_is_open:
        end_with_stdin()
    with database_failures():
        asyncio.run(_listen(settings, name, listen or ("", 0), protocol))


def listeners(settings: Settings, environment: Mapping[str, str]) -> list[Child]:
    """Return the processes that take bounces as the providers' options say."""
    return [
        Child(("bounces", "--listen", relay.bounces, "--provider", name), environment)
        for name, relay in _relays(settings).items()
        if relay.bounces
    ]


def _relays(settings: Settings) -> dict[str, Relay]:
    configured = bootstrap.configured_providers(settings)
    return {one.name: one.options for one in configured if isinstance(one.options, Relay)}


def _relay(settings: Settings, name: str | None) -> tuple[str, Relay]:
    relays = _relays(settings)
    if name is None and len(relays) == 1:
        return next(iter(relays.items()))
    if name in relays:
        return name, relays[name]
    known = ", ".join(sorted(relays)) or "none: without a relay no emails go out, and none bounce"
    raise WrongSettings(f"--provider must name a provider of kind smtp; there is {known}")


async def _listen(settings: Settings, name: str | None, where: tuple[str, int], protocol: Protocol) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    name, relay = _relay(settings, name)
    async with bootstrap.open_posts(settings) as posts:
        handler = BounceHandler(name, relay.bounce_address, posts.keep)
        try:
            async with listening(*where, protocol, handler):
                log.info("bounces are taken", host=where[0], port=where[1], provider=name)
                await stopping.wait()
        except OSError as error:
            raise click.ClickException(
                f"Port {where[1]} on {where[0]} is not free: {error.strerror}"
            ) from error


def _take_one(name: str | None, recipient: str, sender: str | None) -> None:
    """Keep one bounce; whatever goes wrong, the mail system is to come again with it."""
    raw = sys.stdin.buffer.read(MOST_READ)
    while sys.stdin.buffer.read(65_536):
        pass  # a pipe that breaks would count as a failure
    try:
        with database_failures():
            asyncio.run(_keep(raw, name, recipient, sender))
    except click.ClickException as error:
        raise TryAgain(error.format_message()) from error
    except Exception as error:
        raise TryAgain(f"the message could not be kept: {type(error).__name__}") from error


async def _keep(raw: bytes, name: str | None, recipient: str, sender: str | None) -> None:
    settings = read_settings()
    name, _ = _relay(settings, name)
    async with bootstrap.open_posts(settings) as posts:
        await posts.keep(post_of(name, raw, recipient, sender))
