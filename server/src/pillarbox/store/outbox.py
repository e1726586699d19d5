"""What is still to be done: claimed with a lease, deleted when done (design, section 5)."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from psycopg.rows import args_row

from pillarbox.store.database import Pool
from pillarbox.store.services import Channel, KeyType
from pillarbox.store.telling import TELL, TIMESTAMP

Kind = Literal["deliver", "receipt", "callback"]

LEASE_SECONDS = 10
RENEW_SECONDS = 3  # a worker that lives renews what it has in hand this often


class Claim(msgspec.Struct, frozen=True):
    """A row of the outbox that is ours until the lease runs out, with the notification it is about."""

    id: int
    kind: Kind
    attempts: int
    payload: dict[str, Any] | None
    notification_id: UUID
    created_at: datetime
    service_id: UUID
    channel: Channel
    key_type: KeyType
    template_id: UUID
    template_version: int
    recipient: str
    personalisation: dict[str, Any] | None
    reference: str | None
    status: str
    sender: str | None
    one_click_unsubscribe_url: str | None
    international: bool
    phone_prefix: str | None


class Settlement(msgspec.Struct, frozen=True):
    """What became of a claim.

    The status moves only if it is still one of `only_from`. `again_in` puts the row back for so many seconds; else it
    is done and deleted. `receipt` queues a made-up receipt, `receipt_in` seconds from now.
    """

    claim_id: int
    attempts: int
    notification_id: UUID
    created_at: datetime
    status: str | None = None
    only_from: tuple[str, ...] = ()
    provider: str | None = None
    provider_reference: str | None = None
    billable_units: int | None = None
    sent: bool = False
    again_in: float | None = None
    receipt: str | None = None
    receipt_in: float = 0.0
    tell: bool = False  # the service, if the status moves and it has a callback


# One that was put back for later meanwhile stays there.
_RENEW = """
update outbox o set due = greatest(o.due, clock_timestamp() + %s * interval '1 second')
from unnest(%s::bigint[], %s::smallint[]) as held(id, attempts)
where o.id = held.id and o.attempts = held.attempts
"""

# Counting ends before the column does: one row that fails for days must not make claiming fail for all.
_CLAIM = """
with due as (
    select id from outbox where due <= clock_timestamp() order by lane, due limit %s for update skip locked
), claimed as (
    update outbox o set due = clock_timestamp() + %s * interval '1 second', attempts = least(o.attempts, 32766) + 1
    from due where o.id = due.id
    returning o.id, o.kind, o.attempts, o.payload, o.notification_id, o.notification_created_at
)
select c.id, c.kind, c.attempts, c.payload, c.notification_id, n.created_at, n.service_id, n.channel, n.key_type,
    n.template_id, n.template_version, n.recipient, n.personalisation, n.reference, n.status, n.sender,
    n.one_click_unsubscribe_url, n.international, n.phone_prefix
from claimed c
join notification n on n.id = c.notification_id and n.created_at = c.notification_created_at
"""

# A claim whose lease ran out meanwhile belongs to somebody else: `attempts` tells, and nothing is written for it.
_SETTLE = f"""
with settled as (
    select s.* from json_to_recordset(%(settlements)s::json) as s(
        claim_id bigint, attempts smallint, notification_id uuid,
        created_at timestamptz, status text, only_from text[], provider text, provider_reference text,
        billable_units integer, sent boolean, again_in float, receipt text, receipt_in float, tell boolean)
    join outbox o on o.id = s.claim_id and o.attempts = s.attempts
), moved as (
    update notification n set
        status = s.status,
        provider = coalesce(s.provider, n.provider),
        provider_reference = coalesce(s.provider_reference, n.provider_reference),
        billable_units = coalesce(s.billable_units, n.billable_units),
        sent_at = case when s.sent then coalesce(n.sent_at, clock_timestamp()) else n.sent_at end,
        updated_at = clock_timestamp()
    from settled s
    where n.id = s.notification_id and n.created_at = s.created_at and n.status = any(s.only_from)
        and s.status is not null
    returning n.*, s.tell
), noted as (
    -- A receipt was quicker than the provider's answer: the status stays, the answer is kept.
    update notification n set
        provider = coalesce(s.provider, n.provider),
        provider_reference = coalesce(s.provider_reference, n.provider_reference),
        billable_units = coalesce(s.billable_units, n.billable_units),
        sent_at = coalesce(n.sent_at, clock_timestamp())
    from settled s
    where n.id = s.notification_id and n.created_at = s.created_at and n.status <> all(s.only_from) and s.sent
), told as (
    {TELL}
), again as (
    update outbox o set due = clock_timestamp() + s.again_in * interval '1 second'
    from settled s where o.id = s.claim_id and s.again_in is not null
), done as (
    delete from outbox o using settled s where o.id = s.claim_id and s.again_in is null
    returning o.service_id, o.notification_id, o.notification_created_at, s.receipt, s.receipt_in
)
insert into outbox (kind, service_id, notification_id, notification_created_at, due, payload)
select 'receipt', service_id, notification_id, notification_created_at,
    clock_timestamp() + receipt_in * interval '1 second', json_build_object('status', receipt)
from done where receipt is not null
"""


class Outbox:
    """The queue of the data plane."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def claim(self, most: int) -> list[Claim]:
        """Return up to `most` rows that are due; nobody else gets them until their lease has run out."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(Claim)) as cursor,
        ):
            await cursor.execute(_CLAIM, [most, LEASE_SECONDS])
            return await cursor.fetchall()

    async def renew(self, claims: Collection[Claim]) -> None:
        """Keep claims that take their time; those that somebody else has by now stay theirs."""
        held = [[claim.id for claim in claims], [claim.attempts for claim in claims]]
        async with self._pool.connection() as connection:
            await connection.execute(_RENEW, [LEASE_SECONDS, *held])

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Record what became of claims: in one commit, or in as many as there are moves of one message."""
        for once_each in _rounds(settlements):
            parameters = {"settlements": msgspec.json.encode(once_each).decode(), "form": TIMESTAMP}
            async with self._pool.connection() as connection:
                await connection.execute(_SETTLE, parameters)

    async def next_due(self) -> datetime | None:
        """Return when the next row falls due; None if the outbox is empty."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("select min(due) from outbox")
            row = await cursor.fetchone()
        return row[0] if row else None


def _rounds(settlements: Sequence[Settlement]) -> list[list[Settlement]]:
    """Split so that no round has a notification twice: one statement moves a row only once."""
    rounds: list[list[Settlement]] = []
    seen: Counter[UUID] = Counter()
    for settlement in settlements:
        turn = seen[settlement.notification_id]
        seen[settlement.notification_id] += 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(settlement)
    return rounds
