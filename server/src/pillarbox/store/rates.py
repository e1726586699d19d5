"""What messages cost, by the day they were created."""

from datetime import datetime

import msgspec

from pillarbox.store.database import Pool
from pillarbox.store.snapshots import Snapshots


class SmsRate(msgspec.Struct, frozen=True):
    """Pounds for one fragment from a moment on."""

    valid_from: datetime
    rate: float


class LetterRate(msgspec.Struct, frozen=True):
    """Pounds for a letter of some sheets, between two moments."""

    post_class: str
    sheet_count: int
    rate: float
    start_date: datetime
    end_date: datetime | None


class RateTable(msgspec.Struct, frozen=True):
    """All rates there are."""

    sms: tuple[SmsRate, ...]
    letter: tuple[LetterRate, ...]

    def sms_rate(self, created_at: datetime) -> float:
        """Return the pounds for one fragment of a text created then; 0 where no rate is known."""
        day = created_at.date()
        for rate in self.sms:
            if rate.valid_from.date() <= day:
                return rate.rate
        return 0.0

    def letter_rate(self, post_class: str, sheets: int, created_at: datetime) -> float:
        """Return the pounds for a letter created then; 0 where no rate is known."""
        day = created_at.date()
        for rate in self.letter:
            begun = rate.start_date.date() <= day
            over = rate.end_date is not None and rate.end_date.date() < day
            if (rate.post_class, rate.sheet_count) == (post_class, sheets) and begun and not over:
                return rate.rate
        return 0.0


_LOAD = """
select json_build_object(
    'sms', (select coalesce(json_agg(r order by r.valid_from desc), '[]') from sms_rate r),
    'letter', (select coalesce(json_agg(r order by r.start_date desc), '[]') from letter_rate r)
)::text
"""


class Rates:
    """Finds rates, from memory where they are fresh."""

    def __init__(self, pool: Pool, lifetime: float = 30.0) -> None:
        self._pool = pool
        self._snapshots = Snapshots(self._load, lifetime)

    async def table(self) -> RateTable:
        """Return all rates in force or past."""
        return await self._snapshots.get("rates")

    async def _load(self, _: str) -> RateTable:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_LOAD)
            row = await cursor.fetchone()
        return msgspec.json.decode(row[0] if row else "{}", type=RateTable)
