"""The record of every attempt to call a service back, kept as long as the message that it was about.

It is written where attempts are settled (`Outbox.settle`).
"""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec
from psycopg.rows import args_row

from pillarbox.store.database import Pool

CallbackKind = Literal["delivery_status", "inbound_sms"]
Ended = Literal["done", "again", "failed", "gave up"]


class CallbackAttempt(msgspec.Struct, frozen=True):
    """One attempt.

    Attributes:
        created_at: when the message came about, which says how long this is kept.
        channel: the message's, for the same reason.
        message_id: the notification's, or the received text's.
        attempt: from 1.
        status: of the HTTP answer; None if there was none.
        outcome: `done`; `again`, which is tried again later; `failed`, which is not; `gave up` after the last retry.
        seconds: how long it took.
        answer: the first kilobyte of the answer's body.
    """

    created_at: datetime
    attempted_at: datetime
    service_id: UUID
    kind: CallbackKind
    channel: str
    message_id: UUID
    webhook_id: str
    attempt: int
    url: str
    status: int | None
    outcome: Ended
    reason: str
    seconds: float
    answer: str


_COLUMNS = ", ".join(CallbackAttempt.__struct_fields__)
# A step of the statement that settles calls: a call is never done with that is not on record, whatever dies. Calls
# whose claim somebody else has by now were made all the same.
RECORD: Final = f"""recorded as (
    insert into callback_attempt ({_COLUMNS})
    select {", ".join(f"r.{name}" for name in CallbackAttempt.__struct_fields__)}
    from json_array_elements(%(settlements)s::json) one
    cross join json_populate_record(null::callback_attempt, one->'record') r
    where one->>'record' is not null
), """
_NEWEST = f"""
select {_COLUMNS} from callback_attempt
where (%(service)s::uuid is null or service_id = %(service)s)
    and (%(message)s::uuid is null or message_id = %(message)s)
    and (%(since)s::timestamptz is null or attempted_at >= %(since)s)
    and (%(until)s::timestamptz is null or attempted_at < %(until)s)
    and (%(outcomes)s::text[] is null or outcome = any(%(outcomes)s))
order by attempted_at desc, id desc limit %(most)s
"""


class AttemptsQuery(msgspec.Struct, frozen=True):
    """Which attempts are meant; None: any.

    Attributes:
        service: of a service.
        message: about a message.
        since: made at this time or later.
        until: made before this time.
        outcomes: what they ended in.
    """

    service: UUID | None = None
    message: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcomes: tuple[Ended, ...] | None = None


class CallbackAttempts:
    """The table of attempts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def newest(self, query: AttemptsQuery, most: int) -> list[CallbackAttempt]:
        """Return up to so many attempts, the last one first."""
        parameters = msgspec.structs.asdict(query) | {
            "outcomes": query.outcomes and list(query.outcomes),
            "most": most,
        }
        row = args_row(CallbackAttempt)
        async with self._pool.connection() as connection, connection.cursor(row_factory=row) as cursor:
            await cursor.execute(_NEWEST, parameters)
            return await cursor.fetchall()
