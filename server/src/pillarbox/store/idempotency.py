"""Idempotency keys: the same request twice is one message, across processes and crashes.

A request first claims its key. Its message and its answer are then written in one commit, and only if the claim still
holds. A claim whose process died lapses, so that the caller's next try can take the key over.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec

from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool

LIFETIME = timedelta(hours=24)
_LAPSES_AFTER = timedelta(seconds=40)  # longer than any request may take


class Claim(msgspec.Struct, frozen=True):
    """A key that is ours to use for this request."""

    service_id: UUID
    key: str
    claim: UUID


class Answered(msgspec.Struct, frozen=True):
    """The key was used for the same request before: the answer's body, as it was given then."""

    body: bytes


class _Asked(msgspec.Struct, frozen=True):
    """What somebody wants a key for."""

    service_id: UUID
    key: str
    fingerprint: bytes
    claim: UUID


class UsedOtherwiseError(Exception):
    """The key was used for another request."""


class UnderWayError(Exception):
    """The first request with this key has not been answered yet."""


# A key is free if nobody has it, if its claim lapsed without an answer, or if its answer is over a day old. This need
# not wait for the disk: if a crash of the database forgets a claim, then also the message, which is committed after it.
_CLAIM = """
insert into idempotency as i (service_id, key, fingerprint, claim)
select service_id, key, decode(fingerprint, 'base64'), claim
from json_to_recordset(%(asked)s::json) as t(service_id uuid, key text, fingerprint text, claim uuid)
    cross join (select set_config('synchronous_commit', 'off', true)) as hasty
order by service_id, key
on conflict (service_id, key) do update set
    fingerprint = excluded.fingerprint, claim = excluded.claim, claimed_at = clock_timestamp(), answer = null
where (i.answer is null and i.claimed_at < clock_timestamp() - %(lapse)s)
    or i.claimed_at < clock_timestamp() - %(lifetime)s
returning claim
"""
_LOOK = "select fingerprint, answer from idempotency where service_id = %s and key = %s"
_RELEASE = "delete from idempotency where service_id = %s and key = %s and claim = %s and answer is null"
_FORGET = "delete from idempotency where claimed_at < clock_timestamp() - %s"


class IdempotencyKeys:
    """The table of keys."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[_Asked, bool] = Batch(self._claim_all)

    async def claim(self, service_id: UUID, key: str, fingerprint: bytes) -> Claim | Answered:
        """Claim a key, or return the answer that was given to the same request before.

        Raises:
            UsedOtherwiseError: if it was used for another request.
            UnderWayError: if the first request is still under way.
        """
        asked = _Asked(service_id, key, fingerprint, uuid4())
        if await self._batch.add(asked):
            return Claim(service_id, key, asked.claim)
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_LOOK, [service_id, key])
            there = await cursor.fetchone()
        if there is None:  # released between the two looks
            raise UnderWayError
        used_for, answer = there
        if used_for != fingerprint:
            raise UsedOtherwiseError
        if answer is None:
            raise UnderWayError
        return Answered(answer.encode())

    async def _claim_all(self, asked: Sequence[_Asked]) -> list[bool]:
        """Claim keys, each for the first who asks for it; say who has got theirs."""
        first = {(one.service_id, one.key): one for one in reversed(asked)}
        parameters = {
            "asked": msgspec.json.encode(list(first.values())).decode(),
            "lapse": _LAPSES_AFTER,
            "lifetime": LIFETIME,
        }
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_CLAIM, parameters)
            claimed = {claim for (claim,) in await cursor.fetchall()}
        return [one.claim in claimed for one in asked]

    async def release(self, claim: Claim) -> None:
        """Let a key go whose request was refused: nothing was stored under it."""
        async with self._pool.connection() as connection:
            await connection.execute(_RELEASE, [claim.service_id, claim.key, claim.claim])

    async def forget_old(self) -> int:
        """Delete the keys that are over a day old; return how many there were."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_FORGET, [LIFETIME])
        return cursor.rowcount
