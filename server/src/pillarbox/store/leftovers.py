"""Rows that nobody needs any more: what was said about messages that are gone, and what was meant for a day or two."""

from datetime import datetime, timedelta
from typing import Final

from pillarbox.store.database import Pool

_MOST = 5000
_POSTS_KEPT = timedelta(days=7)
_COUNTS_KEPT = timedelta(days=3)
_LINKS_KEPT = timedelta(days=366)

_UNKNOWN = """
{0}.notification_created_at < %(latest)s and not exists (
    select from notification n where n.id = {0}.notification_id and n.created_at = {0}.notification_created_at)
"""
_OLD: Final = {
    "outbox": ("outbox", _UNKNOWN.format("outbox")),
    "references": ("provider_reference", _UNKNOWN.format("provider_reference")),
    "posts": ("provider_post", "outcome is not null and received_at < %(posts)s"),
    "counts": ("daily_count", "day < %(counts)s"),
    "links": ("archived_email", "created_at < %(links)s"),
}


class Leftovers:
    """Tables with such rows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def clear(self, now: datetime, latest: datetime) -> dict[str, int]:
        """Delete all of them, some thousand at a time.

        Args:
            now: an aware moment.
            latest: what belongs to messages from here on is needed.

        Returns:
            How many there were, by what they were.
        """
        parameters: dict[str, object] = {
            "latest": latest,
            "posts": now - _POSTS_KEPT,
            "counts": (now - _COUNTS_KEPT).date(),
            "links": now - _LINKS_KEPT,
        }
        return {name: await self._clear(*where, parameters) for name, where in _OLD.items()}

    async def _clear(self, table: str, condition: str, parameters: dict[str, object]) -> int:
        some = f"select ctid from {table} where {condition} limit {_MOST} for update skip locked"
        total = 0
        async with self._pool.connection() as connection:
            while True:
                cursor = await connection.execute(
                    f"delete from {table} where ctid = any(array({some}))", parameters
                )
                total += cursor.rowcount
                if cursor.rowcount < _MOST:
                    return total
