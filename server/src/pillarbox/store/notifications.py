"""Notifications: written with their outbox rows in shared commits, read one by one and in pages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import args_row

from pillarbox.store.batches import Batch
from pillarbox.store.database import Pool, execute_twice
from pillarbox.store.idempotency import IS_FREE
from pillarbox.store.ids import created_at_of
from pillarbox.store.services import Channel, KeyType

PAGE = 250
SINGLE_LANE, BULK_LANE = 0, 1


class NewNotification(msgspec.Struct, omit_defaults=True):
    """What is known of a message when it is accepted. `personalisation` is JSON text."""

    id: UUID
    created_at: datetime
    service_id: UUID
    channel: Channel
    key_type: KeyType
    api_key_id: UUID
    template_id: UUID
    template_version: int
    recipient: str = ""
    personalisation: str | None = None
    reference: str | None = None
    sender: str | None = None
    one_click_unsubscribe_url: str | None = None
    international: bool = False
    phone_prefix: str | None = None
    rate_multiplier: int | None = None
    postage: str | None = None
    idempotency_key: str | None = None
    claim: UUID | None = None
    fingerprint: bytes | None = None
    answer: str | None = None


class ClaimLapsedError(Exception):
    """The idempotency key is another request's: nothing was stored."""


class Notification(msgspec.Struct, frozen=True):
    """What is shown of a stored message. Its ids are text, since they are only shown: a page has 250 of each."""

    id: str
    created_at: datetime
    channel: Channel
    template_id: str
    template_version: int
    recipient: str
    personalisation_json: str | None
    reference: str | None
    status: str
    one_click_unsubscribe_url: str | None
    rate_multiplier: int | None
    billable_units: int
    postage: str | None
    sent_at: datetime | None
    updated_at: datetime | None
    created_by_name: str | None

    @property
    def personalisation(self) -> dict[str, Any] | None:
        """The values, read anew each time."""
        return None if self.personalisation_json is None else _VALUES.decode(self.personalisation_json)


_VALUES = msgspec.json.Decoder(dict[str, Any])


class PageQuery(msgspec.Struct, frozen=True):
    """Which notifications a page is of; empty tuples mean any."""

    service_id: UUID
    key_type: KeyType
    channels: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    reference: str | None = None
    older_than: UUID | None = None
    include_jobs: bool = False


_INSERT = """
with {steps}given as (
    select * from json_to_recordset(%(rows)s::json) as r(id uuid, created_at timestamptz, service_id uuid, channel text,
        key_type text, api_key_id uuid, template_id uuid, template_version integer, recipient text,
        personalisation text, reference text, sender text, one_click_unsubscribe_url text, international boolean,
        phone_prefix text, rate_multiplier smallint, postage text, idempotency_key text, claim uuid, fingerprint text,
        answer text)
    where {condition}
), {claims}new as (
    insert into notification (id, created_at, service_id, channel, key_type, api_key_id, template_id, template_version,
        recipient, personalisation, reference, status, sender, one_click_unsubscribe_url, international, phone_prefix,
        rate_multiplier, postage)
    select id, created_at, service_id, channel, key_type, api_key_id, template_id, template_version,
        coalesce(recipient, ''), personalisation::json, reference, 'created', sender, one_click_unsubscribe_url,
        coalesce(international, false), phone_prefix, rate_multiplier, postage
    from given {claimed}
    on conflict do nothing
    returning id, created_at, service_id
), due as (
    insert into outbox (kind, lane, service_id, notification_id, notification_created_at)
    select 'deliver', %(lane)s, service_id, id, created_at from new
)
{result}
"""
# With idempotency keys among them: a message goes in only with its key, and the key's answer goes in with it. If the
# first try did commit and only its answer was lost, the key has our claim already, and that is fine.
_CLAIMS = f"""held as (
    insert into idempotency as i (service_id, key, fingerprint, claim, answer)
    select distinct on (service_id, idempotency_key) service_id, idempotency_key, decode(fingerprint, 'base64'), claim,
        answer
    from given where answer is not null and claim is not null
    order by service_id, idempotency_key
    on conflict (service_id, key) do update set fingerprint = excluded.fingerprint, claim = excluded.claim,
        claimed_at = case when i.claim = excluded.claim then i.claimed_at else clock_timestamp() end,
        answer = excluded.answer
    where i.claim = excluded.claim or {IS_FREE}
    returning i.claim
), """
_CLAIMED = "where claim is null or claim in (select claim from held)"


def insertion(
    *,
    claimed: bool,
    steps: str = "",
    condition: str = "true",
    result: str = "select {held} from pg_notify('outbox', 'deliver')",
) -> str:
    """Return the statement that stores and queues messages; it takes `rows` (see `as_rows`) and `lane`.

    Args:
        claimed: whether any of them has an idempotency key.
        steps: what it does before, each step with a comma behind it.
        condition: it stores nothing unless this holds, which may refer to those steps.
        result: what it returns, with `{held}` for the claims that hold; `pg_notify` wakes the workers' deliveries.
    """
    claims, those, held = (
        (_CLAIMS, _CLAIMED, "array(select claim from held)") if claimed else ("", "", "null")
    )
    return _INSERT.format(
        steps=steps, condition=condition, claims=claims, claimed=those, result=result.format(held=held)
    )


_PLAIN, _WITH_CLAIMS = insertion(claimed=False), insertion(claimed=True)

_COLUMNS = """
select n.id::text, n.created_at, n.channel, n.template_id::text, n.template_version, n.recipient,
    n.personalisation::text, n.reference, n.status, n.one_click_unsubscribe_url, n.rate_multiplier, n.billable_units,
    n.postage, n.sent_at, n.updated_at, p.name as created_by_name
from notification n left join person p on p.id = n.created_by
"""


class Notifications:
    """The notification table."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batch: Batch[NewNotification, bool] = Batch(self._insert)

    async def add(self, notification: NewNotification) -> None:
        """Store a message and queue it, in one commit. When this returns, it is on disk.

        Raises:
            psycopg.DataError: if it holds what the database cannot (a NUL character, say); nothing is stored then.
            psycopg.OperationalError: if the database is away.
            ClaimLapsedError: if it has an idempotency key that is another request's.
        """
        if not await self._batch.add(notification):
            raise ClaimLapsedError

    async def add_all(self, notifications: Sequence[NewNotification]) -> None:
        """Store and queue many messages in one commit, behind those that people are waiting for.

        Raises:
            As `add` does; nothing is stored then.
        """
        if not all(await self._write(notifications, BULK_LANE)):
            raise ClaimLapsedError

    async def find(self, service_id: UUID, notification_id: UUID) -> Notification | None:
        """Return a message of the service; None if there is none of that id."""
        condition, parameters = _by_id(notification_id)
        found = await self._fetch(
            f"{_COLUMNS} where n.service_id = %s and {condition}", [service_id, *parameters]
        )
        return found[0] if found else None

    async def page(self, query: PageQuery) -> list[Notification]:
        """Return up to 250 messages, newest first (public API contract, section 4, GET notifications)."""
        conditions, parameters = _conditions(query)
        if query.older_than is not None:
            before = await self._created_at(query.service_id, query.older_than)
            if before is None:
                return []
            conditions.append("n.created_at < %s")
            parameters.append(before)
        return await self._fetch(
            f"{_COLUMNS} where {' and '.join(conditions)} order by n.created_at desc, n.id desc limit {PAGE}",
            parameters,
        )

    async def _created_at(self, service_id: UUID, notification_id: UUID) -> datetime | None:
        found = await self.find(service_id, notification_id)
        return found.created_at if found else None

    async def _insert(self, new: Sequence[NewNotification]) -> list[bool]:
        return await self._write(new, SINGLE_LANE)

    async def _write(self, new: Sequence[NewNotification], lane: int) -> list[bool]:
        statement = _WITH_CLAIMS if any_claimed(new) else _PLAIN
        ((held,),) = await execute_twice(self._pool, statement, {"rows": as_rows(new), "lane": lane})
        holding = frozenset(held or ())
        return [holds(one, holding) for one in new]

    async def _fetch(self, query: str, parameters: list[object]) -> list[Notification]:
        """Rows come in binary: a page has hundreds of moments and numbers, which then need no parsing."""
        row = args_row(Notification)
        async with self._pool.connection() as connection, connection.cursor(row_factory=row) as cursor:
            await cursor.execute(query, parameters, binary=True)
            return await cursor.fetchall()


def as_rows(new: Sequence[NewNotification]) -> str:
    """Return messages as the JSON that `insertion` takes, without what is usual: it need not be read then."""
    return msgspec.json.encode(new).decode()


def holds(notification: NewNotification, held: frozenset[UUID]) -> bool:
    """Whether a message's claim is among those that hold, if it has one."""
    return notification.claim is None or notification.claim in held


def any_claimed(new: Iterable[NewNotification]) -> bool:
    """Whether any of these messages has an idempotency key."""
    return any(one.claim is not None for one in new)


def _by_id(notification_id: UUID) -> tuple[str, list[object]]:
    """The time within our own ids leads to one partition; other ids are looked for in each."""
    created_at = created_at_of(notification_id)
    if created_at is None:
        return "n.id = %s", [notification_id]
    return "n.id = %s and n.created_at = %s", [notification_id, created_at]


def _conditions(query: PageQuery) -> tuple[list[str], list[object]]:
    conditions: list[str] = ["n.service_id = %s", "n.key_type = %s"]
    parameters: list[object] = [query.service_id, query.key_type]
    if not query.include_jobs:
        conditions.append("n.job_id is null")
    for column, value in (("n.channel", query.channels), ("n.status", query.statuses)):
        if value:
            conditions.append(f"{column} = any(%s)")
            parameters.append(list(value))
    if query.reference is not None:
        conditions.append("n.reference = %s")
        parameters.append(query.reference)
    return conditions, parameters
