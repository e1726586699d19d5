"""What is done by the clock, and when (public API contract, section 7)."""

from datetime import datetime
from typing import Final

import msgspec
import structlog

from pillarbox.actions.purge import purge, purgeable
from pillarbox.delivery.attempt import SIMULATOR
from pillarbox.delivery.clock import Task
from pillarbox.messages.patience import STUCK_SECONDS, given_up_before, lost_between
from pillarbox.store.partitions import ensure_days_ahead
from pillarbox.store.store import Store

log = structlog.get_logger()


async def give_up(store: Store, now: datetime) -> dict[str, int]:
    """End the wait for receipts after three days."""
    return {"given_up": await store.silence.give_up(given_up_before(now))}


async def make_days(store: Store, now: datetime) -> dict[str, int]:
    """Make the tables that messages of the next days go into."""
    async with store.pool.connection() as connection:
        return {"days_made": await ensure_days_ahead(connection, now)}


async def find_again(store: Store, now: datetime) -> dict[str, int]:
    """Queue messages again that nobody has in hand."""
    return {"queued_again": await store.silence.find_again(*lost_between(now))}


async def forget_keys(store: Store, _now: datetime) -> dict[str, int]:
    """Delete idempotency keys that are over a day old."""
    return {"idempotency_keys": await store.idempotency_keys.forget_old()}


async def look_for_what_is_stuck(store: Store, _now: datetime) -> dict[str, int]:
    """Warn of work that could have been done long ago: whether there is too much of it, or nobody does any."""
    stuck = [one for one in await store.queues.waiting() if one.oldest > STUCK_SECONDS]
    if not stuck:
        return {}
    moving = await store.queues.handed_over_within(STUCK_SECONDS)
    for one in stuck:
        log.warning("work is stuck", **msgspec.structs.asdict(one), handed_over_lately=moving)
    return {}


async def take_over(store: Store, _now: datetime) -> dict[str, int]:
    """Take over what an earlier version left behind when it stopped, in an upgrade."""
    return {"taken_over": await store.provider_posts.take_over(SIMULATOR)}


async def join_parts(store: Store, _now: datetime) -> dict[str, int]:
    """Show long texts as far as they have come whose other parts are waited for in vain."""
    return {"joined": await store.text_parts.give_up()}


CHORES: Final = (
    Task("give up", "5 0 * * *", give_up),
    Task("purge", "0 3 * * *", purge),
    Task("find again", "*/15 * * * *", find_again),
    Task("take over receipts", "* * * * *", take_over),
    Task("join parts", "*/5 * * * *", join_parts),
    Task("look for what is stuck", "*/5 * * * *", look_for_what_is_stuck),
    Task("make days", "10 * * * *", make_days),
    Task("forget keys", "20 * * * *", forget_keys),
)


async def tidy(store: Store, now: datetime) -> dict[str, int]:
    """Do all of it at once; return how much there was, by what it was.

    Raises:
        DayHeldError: if days have still to leave; everything else is done.
    """
    done: dict[str, int] = {}
    for work in (give_up, find_again, join_parts, forget_keys, purge):
        done |= await work(store, now)
    return done


async def would_tidy(store: Store, now: datetime) -> dict[str, int]:
    """Return what `tidy` would find to do, as far as messages go."""
    return {
        "given_up": await store.silence.waiting(given_up_before(now)),
        "queued_again": await store.silence.lost(*lost_between(now)),
    } | await purgeable(store, now)
