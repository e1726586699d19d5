"""What is still to be done: claimed with a lease, deleted when done (design, section 5)."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from pillarbox.store.callback_attempts import RECORD, CallbackAttempt
from pillarbox.store.database import Pool
from pillarbox.store.services import Channel, KeyType
from pillarbox.store.telling import TELL, with_events

Kind = Literal["deliver", "callback"]

LEASE_SECONDS = 10
RENEW_SECONDS = 3  # a worker that lives renews what it has in hand this often
PEOPLE, BULK = 0, 1  # lanes: people who wait for a code come before bulk sends
_FIRST = UUID(int=0)
_MOST_SERVICES = 100  # that take turns in one claim; the next claim goes on behind them


class Claim(msgspec.Struct, frozen=True):
    """A message to deliver that is ours until the lease runs out. `payload` is what earlier attempts left for us."""

    id: int
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


class Call(msgspec.Struct, frozen=True):
    """A service to call back that is ours until the lease runs out; about a notification, or a received text."""

    id: int
    attempts: int
    payload: dict[str, Any]
    service_id: UUID
    notification_id: UUID | None
    created_at: datetime | None


Held = Claim | Call


class Shares(msgspec.Struct, frozen=True):
    """How much of one service may be claimed at once: of each, and of those that are quick; of those full nothing."""

    of_each: int
    of_quick: int
    quick: list[UUID] = []
    full: list[UUID] = []


class Settlement(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a claim. What is not said of it takes no time to write and to read.

    The status moves only if it is still one of `only_from`. `again_in` puts the row back for so many seconds, with
    `payload` for the next attempt; else it is done and deleted. `receipt` is one that is made up, `receipt_in` seconds
    from now. `event` goes to the end of the message's timeline, and then `report`, of a receipt that came with the
    answer. `record` is the attempt to call a service back.
    """

    claim_id: int
    attempts: int
    notification_id: UUID | None
    created_at: datetime | None
    status: str | None = None
    only_from: tuple[str, ...] = ()
    provider: str | None = None
    provider_reference: str | None = None
    receipts_name_it: bool = False
    billable_units: int | None = None
    sent: bool = False
    again_in: float | None = None
    payload: dict[str, Any] | None = None
    receipt: str | None = None
    receipt_in: float = 0.0
    tell: bool = False  # the service, if the status moves and it has a callback
    event: dict[str, Any] | None = None
    report: dict[str, Any] | None = None
    record: CallbackAttempt | None = None


# Statements are planned once, mostly while the queue is empty, and a plan that begins by reading all of an empty table
# looks as good as any: it would read a million rows for each claim after an outage. So none of them joins the queue:
# its rows are named by their ids, which the index finds.

# One that was put back for later meanwhile stays there.
_RENEW = """
update outbox o set due = greatest(o.due, clock_timestamp() + %(lease)s * interval '1 second')
where o.id = any(%(ids)s::bigint[])
    and o.attempts = (%(attempts)s::smallint[])[array_position(%(ids)s::bigint[], o.id)]
"""

# Services take turns: every one that has rows in this lane gets the same share of a claim. The index leads from one
# service to the next (a "loose index scan"), so that a million rows of one service cost nothing.
# Counting ends before the column does: one row that fails for days must not make claiming fail for all.
_TURNS = f"""
with recursive turn(service_id) as (
    (select service_id from outbox where kind = %(kind)s and lane = %(lane)s and service_id > %(after)s
        order by service_id limit 1)
    union all
    select (select o.service_id from outbox o
        where o.kind = %(kind)s and o.lane = %(lane)s and o.service_id > t.service_id order by o.service_id limit 1)
    from turn t where t.service_id is not null
), turns as materialized (
    select service_id from (select service_id from turn limit {_MOST_SERVICES}) t
    where service_id is not null and service_id <> all(%(full)s)
), due as (
    select d.id from turns t cross join lateral (
        select o.id from outbox o
        where o.kind = %(kind)s and o.lane = %(lane)s and o.service_id = t.service_id and o.due <= now()
        order by o.due
        limit (select least(case when t.service_id = any(%(quick)s) then %(of_quick)s else %(of_each)s end,
            ceil(%(most)s::float / count(*)))::int from turns)
        for update skip locked
    ) d limit %(most)s
), claimed as (
    update outbox o set due = clock_timestamp() + {LEASE_SECONDS} * interval '1 second',
        attempts = least(o.attempts, 32766) + 1
    where o.id = any(array(select id from due))
    returning o.id, o.attempts, o.payload, o.notification_id, o.notification_created_at, o.service_id
)
"""
# Always a row, with the service that the next claim goes on behind, if there are more of them.
_UNTIL = f"(select service_id from turn offset {_MOST_SERVICES - 1} limit 1)"
_CLAIM = f"""{_TURNS}
select {_UNTIL}, c.id, c.attempts, c.payload, c.notification_id, n.created_at, n.service_id, n.channel, n.key_type,
    n.template_id, n.template_version, n.recipient, n.personalisation, n.reference, n.status, n.sender,
    n.one_click_unsubscribe_url, n.international, n.phone_prefix
from (values (1)) always left join (
    claimed c join notification n on n.id = c.notification_id and n.created_at = c.notification_created_at
) on true
"""
_CLAIM_CALLS = f"""{_TURNS}
select {_UNTIL}, c.id, c.attempts, c.payload, c.service_id, c.notification_id, c.notification_created_at
from (values (1)) always left join claimed c on true
"""
# A claim whose lease ran out meanwhile belongs to somebody else: `attempts` tells, and nothing is written for it.
# `offset 0` keeps the planner from making a join of it (see above).
_SETTLED = f"""settled as (
    select s.* from json_to_recordset(%(settlements)s::json) as s(
        claim_id bigint, attempts smallint, notification_id uuid,
        created_at timestamptz, status text, only_from text[], provider text, provider_reference text,
        receipts_name_it boolean, billable_units integer, sent boolean, again_in float, payload json,
        receipt text, receipt_in float, tell boolean, event jsonb, report jsonb)
    cross join lateral (select from outbox o where o.id = s.claim_id and o.attempts = s.attempts offset 0) as ours
), moment as materialized (
    select clock_timestamp() as at
), moved as (
    -- One update decides on the row as it is once it is ours, whatever receipt commits meanwhile.
    -- The status stays if a receipt was quicker than the provider's answer, or if it is tried again.
    update notification n set
        status = case when n.status = any(s.only_from) then coalesce(s.status, n.status) else n.status end,
        provider = coalesce(s.provider, n.provider),
        provider_reference = coalesce(s.provider_reference, n.provider_reference),
        billable_units = coalesce(s.billable_units, n.billable_units),
        sent_at = case when s.sent then coalesce(n.sent_at, m.at) else n.sent_at end,
        updated_at = case when s.status is not null and n.status = any(s.only_from) then m.at else n.updated_at end,
        timeline = {with_events("s.event", "s.report")}
    from settled s cross join moment m
    where n.id = s.notification_id and n.created_at = s.created_at
        and (s.status is not null or s.sent or s.event is not null)
    returning n.*, s.tell and n.updated_at = m.at as tell
), told as ({TELL}), again as (
    update outbox o set (due, payload) = (
        select clock_timestamp() + s.again_in * interval '1 second', coalesce(s.payload, o.payload)
        from settled s where s.claim_id = o.id)
    where o.id = any(array(select claim_id from settled where again_in is not null))
), done as (
    delete from outbox where id = any(array(select claim_id from settled where again_in is null))
), named as (
    insert into provider_reference (provider, reference, notification_id, notification_created_at)
    select provider, provider_reference, notification_id, created_at from settled
    where receipts_name_it and provider_reference is not null
    on conflict do nothing
)
insert into provider_post (provider, kind, body, due)
select provider, 'receipt',
    convert_to(json_build_object('reference', notification_id, 'status', receipt)::text, 'UTF8'),
    clock_timestamp() + coalesce(receipt_in, 0) * interval '1 second'
from settled where receipt is not null
"""
_SETTLE = f"with {_SETTLED}"
_SETTLE_CALLS = f"with {RECORD}{_SETTLED}"


@dataclass
class _Line:
    """Rows of one kind in one lane, and how far their services have had their turns."""

    kind: Kind
    lane: int
    after: UUID = _FIRST

    def asking(self, most: int, shares: Shares | None = None) -> dict[str, Any]:
        """Return the parameters of a claim."""
        given = msgspec.structs.asdict(shares or Shares(most, most))
        return {"kind": self.kind, "lane": self.lane, "most": most} | given


class Outbox:
    """The queue of the data plane."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._people = _Line("deliver", PEOPLE)
        self._bulk = _Line("deliver", BULK)
        self._calls = _Line("callback", PEOPLE)

    async def claim(self, most: int) -> list[Claim]:
        """Return up to `most` messages that are due; nobody else gets them until their lease has run out.

        Bulk sends get what people who wait leave over, and an eighth in any case, if there is so much of them.
        """
        first = most - most // 8
        rows = await self._claim(_CLAIM, self._people, self._people.asking(first))
        more_people = len(rows) == first
        rows += await self._claim(_CLAIM, self._bulk, self._bulk.asking(most - len(rows)))
        if more_people and len(rows) < most:
            rows += await self._claim(_CLAIM, self._people, self._people.asking(most - len(rows)))
        return [Claim(*row) for row in rows]

    async def claim_calls(self, most: int, shares: Shares | None = None) -> list[Call]:
        """Return up to `most` callbacks that are due, of each service as many as its share allows."""
        rows = await self._claim(_CLAIM_CALLS, self._calls, self._calls.asking(most, shares))
        return [Call(*row) for row in rows]

    async def _claim(self, statement: str, line: _Line, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Claim for the services whose turn it is; if they have nothing due, for the next ones, once around."""
        passes = 1 if line.after == _FIRST else 2
        while passes and parameters["most"] > 0:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(statement, parameters | {"after": line.after})
                rows = await cursor.fetchall()
            line.after = rows[0][0] or _FIRST
            if rows[0][1] is not None:
                return [row[1:] for row in rows]
            passes -= line.after == _FIRST
        return []

    async def renew(self, claims: Collection[Held]) -> None:
        """Keep claims that take their time; those that somebody else has by now stay theirs."""
        held = {
            "lease": LEASE_SECONDS,
            "ids": [claim.id for claim in claims],
            "attempts": [claim.attempts for claim in claims],
        }
        async with self._pool.connection() as connection:
            await connection.execute(_RENEW, held)

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Record what became of claims: in one commit, or in as many as there are moves of one message."""
        for once_each in _rounds(settlements):
            async with self._pool.connection() as connection:
                rows = msgspec.json.encode(once_each).decode()
                await connection.execute(_statement_for(once_each), {"settlements": rows})


def _statement_for(settlements: Sequence[Settlement]) -> str:
    return _SETTLE_CALLS if any(one.record for one in settlements) else _SETTLE


def _rounds(settlements: Sequence[Settlement]) -> list[list[Settlement]]:
    """Split so that no round has a notification twice: one statement moves a row only once."""
    rounds: list[list[Settlement]] = []
    seen: Counter[UUID | None] = Counter()
    for settlement in settlements:
        about = settlement.notification_id
        turn = seen[about] if about is not None else 0
        seen[about] += 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(settlement)
    return rounds
