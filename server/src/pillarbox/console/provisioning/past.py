"""Writing the past: uploads, messages sent and texts received, into the data plane's tables.

What is there already stays as it is: minutes are counted back from the first time, and a message goes on living.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from uuid import UUID

import msgspec
from django.db import connection
from psycopg import AsyncConnection

from pillarbox.console.provisioning import document as doc
from pillarbox.console.provisioning.index import Index
from pillarbox.console.provisioning.messages import (
    BulkNotifications,
    BulkReceivedTexts,
    Job,
    Notification,
    ReceivedText,
)
from pillarbox.console.provisioning.rows import Tally, Values
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.store.partitions import ensure_days

_FIRST_ID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-)0{11}1")
_MOST_AT_ONCE = 5000

_JOBS = """
insert into job (id, service_id, template_id, original_file_name, created_by, created_at)
select id, service_id, template_id, original_file_name, created_by, created_at
from json_populate_recordset(null::job, %s::json)
on conflict (id) do nothing
"""
_NOTIFICATIONS = """
insert into notification (id, created_at, service_id, channel, key_type, api_key_id, template_id, template_version,
    recipient, personalisation, reference, status, one_click_unsubscribe_url, international, phone_prefix,
    rate_multiplier, billable_units, postage, provider, sent_at, updated_at, job_id, job_row, created_by, timeline)
select id, created_at, service_id, channel, key_type, api_key_id, template_id, template_version,
    recipient, personalisation, reference, status, one_click_unsubscribe_url, international, phone_prefix,
    rate_multiplier, billable_units, postage, provider, sent_at, updated_at, job_id, job_row, created_by,
    jsonb_build_array(jsonb_build_object('at', created_at, 'what', 'provisioned'))
from json_populate_recordset(null::notification, %s::json) new
where not exists (select from notification there where there.id = new.id)
"""
_RECEIVED_TEXTS = """
insert into received_text (id, service_id, created_at, notify_number, user_number, content)
select id, service_id, created_at, notify_number, user_number, content
from json_populate_recordset(null::received_text, %s::json)
on conflict (id) do nothing
"""


def make_days_ready(document: doc.Document, database_url: str) -> None:
    """Make the partitions for the days of the document's messages; empty days are no change that anyone sees."""
    minutes = [notification.created_minutes_ago for notification in document.notifications]
    minutes += [bulk.count for bulk in document.bulk if isinstance(bulk, BulkNotifications)]
    if not minutes:
        return
    today = datetime.now(UTC)
    asyncio.run(_ensure_days(database_url, today - timedelta(minutes=max(minutes)), today))


async def _ensure_days(database_url: str, first: datetime, last: datetime) -> None:
    async with await AsyncConnection.connect(database_url, autocommit=True) as own:
        # A day more on either side, for whoever does this at midnight.
        await ensure_days(own, first.date() - timedelta(days=1), last.date() + timedelta(days=1))


def apply(document: doc.Document, index: Index, tally: Tally) -> None:
    """Write what is not there yet, within the transaction that Django has open."""
    past = _Past(index, datetime.now(UTC))
    bulk_notifications = [one for one in document.bulk if isinstance(one, BulkNotifications)]
    bulk_texts = [one for one in document.bulk if isinstance(one, BulkReceivedTexts)]
    _insert(_JOBS, map(past.job, document.jobs), tally)
    _insert(_NOTIFICATIONS, map(past.notification, document.notifications), tally)
    _insert(_NOTIFICATIONS, chain.from_iterable(map(past.notifications, bulk_notifications)), tally)
    _insert(_RECEIVED_TEXTS, map(past.received_text, document.received_texts), tally)
    _insert(_RECEIVED_TEXTS, chain.from_iterable(map(past.received_texts, bulk_texts)), tally)


def _insert(statement: str, rows: Iterable[Values], tally: Tally) -> None:
    rest = iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(rest, _MOST_AT_ONCE)):
            cursor.execute(statement, [msgspec.json.encode(batch).decode()])
            tally.created += cursor.rowcount


class _Past:
    """Turns parts of a document into rows, counting minutes back from one moment."""

    def __init__(self, index: Index, now: datetime) -> None:
        self._index = index
        self._now = now

    def job(self, job: Job) -> Values:
        return {
            "id": job.id,
            "service_id": self._index.services[job.service].id,
            "template_id": self._index.templates[job.template].id,
            "original_file_name": job.original_file_name,
            "created_by": self._person(job.created_by),
            "created_at": self._ago(job.created_minutes_ago),
        }

    def notification(self, sent: Notification) -> Values:
        return {
            **self._origin(sent),
            "id": sent.id,
            "created_at": self._ago(sent.created_minutes_ago),
            "channel": sent.type,
            "template_version": sent.template_version,
            "recipient": sent.to,
            "personalisation": sent.personalisation or None,
            "reference": sent.reference,
            "status": sent.status,
            "one_click_unsubscribe_url": sent.one_click_unsubscribe_url,
            "international": sent.international,
            "phone_prefix": sent.phone_prefix,
            "rate_multiplier": sent.rate_multiplier,
            "billable_units": sent.billable_units,
            "postage": sent.postage,
            "provider": sent.sent_by,
            "sent_at": self._ago(sent.sent_minutes_ago),
            "updated_at": self._ago(sent.updated_minutes_ago),
            "job_id": self._index.jobs[sent.job].id if sent.job else None,
            "job_row": sent.job_row_number,
            "created_by": self._person(sent.created_by),
        }

    def notifications(self, bulk: BulkNotifications) -> Iterator[Values]:
        template = self._index.templates[bulk.template]
        same = {
            **self._origin(bulk),
            **(_phone_facts(bulk.to) if template.type == "sms" else {"international": False}),
            "channel": template.type,
            "template_version": template.versions[-1].version,
            "recipient": bulk.to,
            "status": bulk.status,
            "billable_units": bulk.billable_units,
            "postage": template.postage,
        }
        for number, identifier in _numbered(bulk.id_rule, bulk.count):
            created_at = self._ago(number)
            reference = bulk.reference_rule and bulk.reference_rule.replace("<n>", str(number))
            yield {
                **same,
                "id": identifier,
                "created_at": created_at,
                "reference": reference,
                "sent_at": created_at,
            }

    def received_text(self, text: ReceivedText) -> Values:
        return {
            "id": text.id,
            "service_id": self._index.services[text.service].id,
            "created_at": self._ago(text.created_minutes_ago),
            "notify_number": text.notify_number,
            "user_number": text.user_number,
            "content": text.content,
        }

    def received_texts(self, bulk: BulkReceivedTexts) -> Iterator[Values]:
        for number, identifier in _numbered(bulk.id_rule, bulk.count):
            yield {
                "id": identifier,
                "service_id": self._index.services[bulk.service].id,
                "created_at": self._ago(number),
                "notify_number": bulk.notify_number,
                "user_number": bulk.user_number,
                "content": bulk.content.replace("<n>", str(number)),
            }

    def _origin(self, sent: Notification | BulkNotifications) -> Values:
        """What people sent without a key counts as sent with a live one (public API contract, section 4)."""
        key = self._index.keys[sent.key] if sent.key else None
        return {
            "service_id": self._index.services[sent.service].id,
            "template_id": self._index.templates[sent.template].id,
            "key_type": key.key_type if key else "normal",
            "api_key_id": key.id if key else None,
        }

    def _person(self, ref: str | None) -> UUID | None:
        return None if ref is None else self._index.users[ref].id

    def _ago(self, minutes: int | None) -> datetime | None:
        return None if minutes is None else self._now - timedelta(minutes=minutes)


def _phone_facts(to: str) -> Values:
    number = PhoneNumber.parse(to)
    return {
        "international": number.international,
        "phone_prefix": number.country_prefix,
        "rate_multiplier": number.rate_multiplier,
    }


def _numbered(rule: str, count: int) -> Iterator[tuple[int, str]]:
    """Ids whose last twelve digits count from 1, beginning with the first one that the rule shows."""
    first = _FIRST_ID.search(rule)
    front = first[1] if first else ""
    return ((number, f"{front}{number:012d}") for number in range(1, count + 1))
