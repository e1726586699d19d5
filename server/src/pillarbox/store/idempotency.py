"""Idempotency keys: the same request twice is one message, across processes and crashes.

A request first claims its key. Its message and its answer are then written in one commit, and only if the claim still
holds. A claim whose process died lapses, so that the caller's next try can take the key over.
"""

from datetime import timedelta
from uuid import UUID, uuid4

import msgspec

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


class UsedOtherwiseError(Exception):
    """The key was used for another request."""


class UnderWayError(Exception):
    """The first request with this key has not been answered yet."""


# A key is free if nobody has it, if its claim lapsed without an answer, or if its answer is over a day old.
_CLAIM = """
insert into idempotency as i (service_id, key, fingerprint, claim)
values (%(service_id)s, %(key)s, %(fingerprint)s, %(claim)s)
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

    async def claim(self, service_id: UUID, key: str, fingerprint: bytes) -> Claim | Answered:
        """Claim a key, or return the answer that was given to the same request before.

        Raises:
            UsedOtherwiseError: if it was used for another request.
            UnderWayError: if the first request is still under way.
        """
        ours = Claim(service_id, key, uuid4())
        parameters = msgspec.structs.asdict(ours) | {
            "fingerprint": fingerprint,
            "lapse": _LAPSES_AFTER,
            "lifetime": LIFETIME,
        }
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_CLAIM, parameters)
            if await cursor.fetchone() is not None:
                return ours
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

    async def release(self, claim: Claim) -> None:
        """Let a key go whose request was refused: nothing was stored under it."""
        async with self._pool.connection() as connection:
            await connection.execute(_RELEASE, [claim.service_id, claim.key, claim.claim])

    async def forget_old(self) -> int:
        """Delete the keys that are over a day old; return how many there were."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_FORGET, [LIFETIME])
        return cursor.rowcount
