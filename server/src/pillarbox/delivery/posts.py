"""Applying what providers told us: read by the one who knows their form, then recorded (contract, section 9)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from psycopg import DataError

from pillarbox import metrics
from pillarbox.actions.receive_text import receive_text
from pillarbox.actions.record_receipt import decide, is_early
from pillarbox.logs import described
from pillarbox.messages.posts import Incoming, Intake, News, Part, Receipt, UnreadablePostError
from pillarbox.store import receipts
from pillarbox.store.database import Connection
from pillarbox.store.provider_posts import Fate, KeptPost
from pillarbox.store.receipts import Known, Wanted
from pillarbox.store.store import Store

log = structlog.get_logger()

MOST = 200  # posts in one transaction
_PATIENCE = 300.0  # seconds that a receipt may be ahead of our note of what it is about
_AGAIN_SECONDS = 5.0
_EARLY_SECONDS = 1.0


@dataclass
class _Read:
    """A post and what it says."""

    kept: KeptPost
    news: Sequence[News] = ()
    outcome: str | None = None
    again_in: float | None = None
    receipts: list[Receipt] = field(default_factory=list)


class PostReader:
    """Applies kept posts.

    Args:
        store: the data plane's tables.
        intakes: who reads the posts of which provider.
    """

    def __init__(self, store: Store, intakes: Mapping[str, Intake]) -> None:
        self._store = store
        self._intakes = intakes

    async def turn(self) -> bool:
        """Apply what is due; say whether there may be more at once."""
        try:
            return await self._store.provider_posts.work_on(MOST, self._apply) == MOST
        except DataError as error:
            # One of them holds what cannot be stored: each by itself, so that only that one is put aside.
            log.warning("posts are applied one by one", **described(error))
        return await self._store.provider_posts.work_on(1, self._apply_or_put_aside) == 1

    async def _apply_or_put_aside(self, connection: Connection, posts: list[KeptPost]) -> list[Fate]:
        try:
            async with connection.transaction():
                return await self._apply(connection, posts)
        except DataError as error:
            log.warning("a post cannot be applied", provider=posts[0].provider, **described(error))
            return [Fate(post.id, outcome=f"cannot be applied: {type(error).__name__}") for post in posts]

    async def _apply(self, connection: Connection, posts: list[KeptPost]) -> list[Fate]:
        read = [self._read(kept) for kept in posts]
        await asyncio.gather(*(self._receive(one) for one in read))
        await _record(connection, read)
        return [Fate(one.kept.id, one.again_in, one.outcome) for one in read]

    async def _receive(self, read: _Read) -> None:
        """Texts are committed by themselves, before their post is done with; applied again, they are known."""
        for number, news in enumerate(read.news):
            if isinstance(news, Incoming):
                await receive_text(self._store, read.kept.post, news, mark=f"{read.kept.id}/{number}")
            elif isinstance(news, Part):
                await self._store.text_parts.add(read.kept.post, news)

    def _read(self, kept: KeptPost) -> _Read:
        intake = self._intakes.get(kept.provider)
        if intake is None:
            return _Read(kept, outcome="no provider of this name")
        try:
            news = intake.read(kept.post)
        except UnreadablePostError as error:
            log.warning("unreadable post", provider=kept.provider, kind=kept.kind)
            return _Read(kept, outcome=str(error)[:1000])
        except Exception as error:  # noqa: BLE001 - what a provider sends must stop nobody else's receipts
            log.warning("a post cannot be read", provider=kept.provider, kind=kept.kind, **described(error))
            return _Read(kept, outcome=f"cannot be read: {type(error).__name__}")
        return _Read(kept, news, receipts=[one for one in news if isinstance(one, Receipt)])


async def _record(connection: Connection, read: Sequence[_Read]) -> None:
    """Move the messages that receipts are about: in rounds, so that no round has a message twice."""
    pairs = [(one, receipt) for one in read for receipt in one.receipts]
    if not pairs:
        return
    found = {
        known.number: known for known in await receipts.find(connection, [_wanted(*pair) for pair in pairs])
    }
    rounds: list[dict[UUID, receipts.Move]] = []
    turns: dict[UUID, int] = {}
    for number, (one, receipt) in enumerate(pairs):
        known = found.get(number)
        if known is None or is_early(receipt, known):
            _wait_for_it(one, known)
            continue
        turn = turns.get(known.notification_id, 0)
        turns[known.notification_id] = turn + 1
        if turn == len(rounds):
            rounds.append({})
        metrics.receipt(one.kept.provider, receipt.status or "none")
        rounds[turn][known.notification_id] = decide(receipt, known, one.kept.provider)
    for once_each in rounds:
        await receipts.move(connection, list(once_each.values()))


def _wanted(read: _Read, receipt: Receipt) -> Wanted:
    if receipt.theirs:
        return Wanted(provider=read.kept.provider, reference=receipt.reference)
    try:
        return Wanted(UUID(receipt.reference))
    except ValueError:
        return Wanted(provider=read.kept.provider, reference=receipt.reference)


def _wait_for_it(read: _Read, known: Known | None) -> None:
    """A receipt may be quicker than our note of what it is about; later it is nobody's."""
    if read.kept.age < _PATIENCE:
        read.again_in = _EARLY_SECONDS if known or read.kept.age < _AGAIN_SECONDS else _AGAIN_SECONDS
    else:
        read.outcome = "no such message" if known is None else "the message was not handed over"
        log.info("receipt of no message", provider=read.kept.provider)
