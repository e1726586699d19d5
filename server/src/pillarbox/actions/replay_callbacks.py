"""Making callbacks again that a service did not get, or has lost (public API contract, section 8)."""

from collections.abc import Callable

import msgspec

from pillarbox.store.callback_attempts import AttemptsQuery
from pillarbox.store.callback_replays import CallbackReplays
from pillarbox.store.store import Store


class Replayed(msgspec.Struct):
    """How many callbacks were found, and how many of them queued."""

    found: int = 0
    queued: int = 0


def _silent(_so_far: Replayed) -> None:
    pass


async def replay_callbacks(
    store: Store,
    query: AttemptsQuery,
    *,
    dry_run: bool = False,
    progress: Callable[[Replayed], None] = _silent,
) -> Replayed:
    """Queue callbacks again, to the URLs of now, with what there is to tell now.

    Args:
        store: the data plane's tables.
        query: which: their last attempts had one of its outcomes, and one of their attempts was within its time.
        dry_run: only count.
        progress: is told after every thousand.

    What is queued stays so if this is stopped half-way; doing it again goes on where it ended.
    """
    replays, so_far = CallbackReplays(store.pool), Replayed()
    step = replays.count if dry_run else replays.queue
    async for some in replays.chosen(query):
        so_far.queued += await step(some)
        so_far.found += len(some)
        progress(so_far)
    return so_far
