"""`pillarbox tidy`: what workers do by the clock, done at once."""

import asyncio

import click

from pillarbox import bootstrap
from pillarbox.actions.purge import DayHeldError
from pillarbox.delivery import chores
from pillarbox.exits import database_failures, read_settings
from pillarbox.settings import Settings
from pillarbox.store.database import clock_of


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what there is to do, and do nothing.")
def tidy(dry_run: bool) -> None:  # noqa: FBT001
    """Do now what workers do at night: time-outs and retention.

    Messages that have waited three days for a receipt become temporary failures. Messages that nobody has in hand are
    queued again. What services keep no longer is deleted.
    """
    settings = read_settings()
    with database_failures():
        done = asyncio.run(_tidy(settings, dry_run=dry_run))
    for name, count in done.items():
        click.echo(f"{name.replace('_', ' ')}: {count}")


async def _tidy(settings: Settings, *, dry_run: bool) -> dict[str, int]:
    async with bootstrap.open_store(settings) as store:
        now = await clock_of(store.pool)
        try:
            return await (chores.would_tidy(store, now) if dry_run else chores.tidy(store, now))
        except DayHeldError as error:
            raise click.ClickException(f"{error}; everything else is done") from error
