"""`pillarbox providers`, and what `pillarbox check` says of them."""

import asyncio

import click

from pillarbox import bootstrap
from pillarbox.exits import database_failures, read_settings
from pillarbox.providers.base import Provider
from pillarbox.providers.configured import Configured
from pillarbox.settings import Settings


@click.command()
def providers() -> None:
    """List the providers, and ask each for a sign of life.

    Nothing is sent. Exit code 1 if one of them is not well.
    """
    settings = read_settings()
    with database_failures():
        check_providers(settings)


def check_providers(settings: Settings) -> None:
    """Print a line about each provider.

    Raises:
        click.ClickException: if one is not well; all are named first.
    """
    unwell = asyncio.run(_show_all(settings))
    if any(unwell):
        raise click.ClickException(f"{sum(unwell)} of {len(unwell)} providers cannot be used")


async def _show_all(settings: Settings) -> list[bool]:
    async with bootstrap.open_providers(settings) as opened:
        return [await _show(one, provider) for one, provider in opened]


async def _show(configured: Configured, provider: Provider) -> bool:
    """Print a line about a provider; say whether it is not well."""
    wrong = await provider.probe()
    kind, channels = configured.kind.name, " and ".join(sorted(configured.kind.channels))
    state = "fine" if wrong is None else f"not well: {wrong}"
    click.echo(f"Provider {configured.name} ({kind}, {channels}, weight {configured.weight}): {state}")
    return wrong is not None
