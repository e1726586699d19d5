"""Telling of a message's new status: its service by a call, its timeline by a line (contract, section 8)."""

from typing import Final

_TIMESTAMP = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""  # as callers see times
_MOST_EVENTS = 200  # 49 attempts and some receipts; a provider that repeats itself must not fill the table


def _shown(time: str) -> str:
    return f"to_char({time} at time zone 'UTC', {_TIMESTAMP})"


# For a statement that moved notifications: `moved` has their rows as they are now, and `tell`, whether the service is
# to hear of it.
TELL: Final = f"""insert into outbox (kind, service_id, notification_id, notification_created_at, payload)
select 'callback', m.service_id, m.id, m.created_at, json_build_object(
    'url', c.url, 'token', translate(encode(c.bearer_token, 'base64'), E'\\n', ''),
    'body', json_build_object(
        'id', m.id, 'reference', m.reference, 'to', m.recipient, 'status', m.status,
        'created_at', {_shown("m.created_at")}, 'completed_at', {_shown("m.updated_at")},
        'sent_at', {_shown("m.sent_at")},
        'notification_type', m.channel, 'template_id', m.template_id, 'template_version', m.template_version))
from moved m join callback c on c.service_id = m.service_id and c.kind = 'delivery_status'
where m.tell and m.status <> 'pending' and m.channel <> 'letter'
"""


def with_events(*events: str) -> str:
    """Return the timeline of notification `n` with a line more for each JSON object in a column: now; null: none."""
    lines = [
        f"case when {event} is null or jsonb_array_length(n.timeline) >= {_MOST_EVENTS} then '[]'"
        f" else jsonb_build_array(jsonb_build_object('at', {_shown('clock_timestamp()')}) || {event}) end"
        for event in events
    ]
    return " || ".join(("n.timeline", *lines))
