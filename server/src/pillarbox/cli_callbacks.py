"""`pillarbox callbacks`: what became of calls to services, and making them again."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import click
import msgspec

from pillarbox import bootstrap
from pillarbox.actions.replay_callbacks import Replayed, replay_callbacks
from pillarbox.exits import database_failures, read_settings
from pillarbox.store.callback_attempts import AttemptsQuery, CallbackAttempt, Ended
from pillarbox.store.store import Store

Result = TypeVar("Result")

_OUTCOMES: dict[str, tuple[Ended, ...]] = {
    "failed": ("failed", "gave up"),
    "done": ("done",),
    "again": ("again",),
    "all": ("done", "failed", "gave up", "again"),
}
_ENDED: tuple[Ended, ...] = ("done", "failed", "gave up")
_AGO = re.compile(r"([0-9]{1,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[datetime]):
    """A time: ISO 8601, in UTC unless it says otherwise, or how long ago: `90m`, `2h`, `3d`."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment."""
        if isinstance(value, datetime):
            return value
        ago = _AGO.fullmatch(value)
        if ago:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time such as 2026-05-17T15:00 or 2h", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Options = Callable[..., Any]


def _which(command: Options) -> Options:
    """The options that say which callbacks are meant."""
    for option in (
        click.option("--until", type=Moment(), help="Called before this time."),
        click.option(
            "--since", type=Moment(), help="Called at this time or later: 2026-05-17T15:00, 2h, 3d."
        ),
        click.option("--message", type=click.UUID, metavar="ID", help="About this message or received text."),
        click.option("--service", type=click.UUID, metavar="ID", help="Of this service."),
    ):
        command = option(command)
    return command


@click.group()
def callbacks() -> None:
    """Show calls to services, and make them again."""


@callbacks.command("list")
@_which
@click.option(
    "--status",
    type=click.Choice(list(_OUTCOMES)),
    default="all",
    show_default=True,
    help="What became of them.",
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the answers.")
def list_callbacks(
    *,
    service: UUID | None,
    message: UUID | None,
    since: datetime | None,
    until: datetime | None,
    status: str,
    limit: int,
    as_json: bool,
) -> None:
    """Show attempts to call services back, the newest first.

    They are kept as long as the messages that they are about.
    """
    query = AttemptsQuery(service, message, since, until, _OUTCOMES[status])
    for attempt in _with_store(lambda store: store.callback_attempts.newest(query, limit)):
        click.echo(msgspec.json.encode(attempt).decode() if as_json else _line(attempt))


def _line(attempt: CallbackAttempt) -> str:
    said = str(attempt.status or "-")
    words = (
        f"{attempt.attempted_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}  {attempt.outcome:7}  {said:>3}"
        f"  {attempt.seconds:5.2f} s  {attempt.kind:15}  {attempt.message_id}  try {attempt.attempt}  {attempt.url}"
    )
    line = words if attempt.outcome == "done" else f"{words}  {attempt.reason}"
    return "".join(one if one.isprintable() else "\ufffd" for one in line)  # terminals obey what others wrote


@callbacks.command()
@_which
@click.option(
    "--status",
    type=click.Choice(["failed", "done", "all"]),
    default="failed",
    show_default=True,
    help="What became of the last attempt.",
)
@click.option("--dry-run", is_flag=True, help="Only say how many.")
def replay(
    *,
    service: UUID | None,
    message: UUID | None,
    since: datetime | None,
    until: datetime | None,
    status: str,
    dry_run: bool,
) -> None:
    """Make callbacks again: those that failed for good, unless you say otherwise.

    They go to the URLs of now and say what there is to say now, under the same webhook-id. What waits for an attempt
    already is left alone, so that failed ones are not queued twice.
    """
    outcomes = _ENDED if status == "all" else _OUTCOMES[status]
    query = AttemptsQuery(service, message, since, until, outcomes)
    done = _with_store(lambda store: replay_callbacks(store, query, dry_run=dry_run, progress=_progress))
    click.echo(_said(done, dry_run=dry_run))


def _said(done: Replayed, *, dry_run: bool) -> str:
    noun = "callback" if done.queued == 1 else "callbacks"
    verb = "would be made again" if dry_run else "will be made again"
    left = done.found - done.queued
    rest = (
        f" Left out: {left}, whose messages are gone or whose services want no callbacks any more."
        if left
        else ""
    )
    return f"{done.queued} {noun} {verb}.{rest}"


def _progress(so_far: Replayed) -> None:
    if so_far.found % 10_000 == 0:
        click.echo(f"{so_far.found} …", err=True)


def _with_store(work: Callable[[Store], Awaitable[Result]]) -> Result:
    settings = read_settings()

    async def run() -> Result:
        async with bootstrap.open_store(settings) as store:
            return await work(store)

    with database_failures():
        return asyncio.run(run())
