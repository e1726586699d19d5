"""Idempotency keys: the same request twice is one message, across processes and crashes.

Mostly a message is stored with its key and its answer in one statement, which stores nothing if the key is taken. What
takes more than one step claims its key first, and is then stored only if the claim still holds. A claim whose process
died lapses, so that the caller's next try can take the key over.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool

LIFETIME = timedelta(hours=24)
_LAPSES_AFTER = timedelta(seconds=40)  # longer than any request may take


class Claim(msgspec.Struct, frozen=True):
    """What a request wants a key for; `claim` tells it from other requests with the same key and `fingerprint`."""

    service_id: UUID
    key: str
    fingerprint: bytes
    claim: UUID


class Answered(msgspec.Struct, frozen=True):
    """The key was used for the same request before: the answer's body, as it was given then."""

    body: bytes


class UsedOtherwiseError(Exception):
    """The key was used for another request."""


class UnderWayError(Exception):
    """The first request with this key has not been answered yet."""


# A key `i` is free if nobody has it, if its claim lapsed without an answer, or if its answer is over a day old.
IS_FREE: Final = f"""
    (i.answer is null and i.claimed_at < clock_timestamp() - interval '{_LAPSES_AFTER.seconds} seconds')
    or i.claimed_at < clock_timestamp() - interval '{LIFETIME.days} days'"""
# This need not wait for the disk: if a crash of the database forgets a claim, then also the message, which is committed
# after it.
_CLAIM = f"""
insert into idempotency as i (service_id, key, fingerprint, claim)
select service_id, key, decode(fingerprint, 'base64'), claim
from json_to_recordset(%s::json) as t(service_id uuid, key text, fingerprint text, claim uuid)
    cross join (select set_config('synchronous_commit', 'off', true)) as hasty
order by service_id, key
on conflict (service_id, key) do update set
    fingerprint = excluded.fingerprint, claim = excluded.claim, claimed_at = clock_timestamp(), answer = null
where{IS_FREE}
returning claim
"""
_LOOK = "select fingerprint, answer from idempotency where service_id = %s and key = %s"
_RELEASE = "delete from idempotency where service_id = %s and key = %s and claim = %s and answer is null"
_FORGET = "delete from idempotency where claimed_at < clock_timestamp() - %s"


class IdempotencyKeys:
    """The table of keys."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[Claim, bool] = Batch(self._claim_all)

    async def claim(self, wanted: Claim) -> Answered | None:
        """Claim a key, or return the answer that was given to the same request before.

        Raises:
            UsedOtherwiseError: if it was used for another request.
            UnderWayError: if the first request is still under way.
        """
        if await self._batch.add(wanted):
            return None
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_LOOK, [wanted.service_id, wanted.key])
            there = await cursor.fetchone()
        if there is None:  # released between the two looks
            raise UnderWayError
        used_for, answer = there
        if used_for != wanted.fingerprint:
            raise UsedOtherwiseError
        if answer is None:
            raise UnderWayError
        return Answered(answer.encode())

    async def _claim_all(self, wanted: Sequence[Claim]) -> list[bool]:
        """Claim keys, each for the first who wants it; say who has got theirs."""
        first = {(one.service_id, one.key): one for one in reversed(wanted)}
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_CLAIM, [msgspec.json.encode(list(first.values())).decode()])
            claimed = {claim for (claim,) in await cursor.fetchall()}
        return [one.claim in claimed for one in wanted]

    async def release(self, claim: Claim) -> None:
        """Let a key go whose request was refused: nothing was stored under it."""
        async with self._pool.connection() as connection:
            await connection.execute(_RELEASE, [claim.service_id, claim.key, claim.claim])

    async def forget_old(self) -> int:
        """Delete the keys that are over a day old; return how many there were."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_FORGET, [LIFETIME])
        return cursor.rowcount
