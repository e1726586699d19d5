"""Queues the call that tells a service of a message's new status (public API contract, section 8)."""

from typing import Final

TIMESTAMP: Final = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'  # as callers see times

# For a statement that moved notifications: `moved` has their rows as they are now, and `tell`, whether the service is
# to hear of it. `%(form)s` is TIMESTAMP.
TELL: Final = """insert into outbox (kind, service_id, notification_id, notification_created_at, payload)
select 'callback', m.service_id, m.id, m.created_at, json_build_object(
    'url', c.url, 'token', translate(encode(c.bearer_token, 'base64'), E'\n', ''),
    'body', json_build_object(
        'id', m.id, 'reference', m.reference, 'to', m.recipient, 'status', m.status,
        'created_at', to_char(m.created_at at time zone 'UTC', %(form)s),
        'completed_at', to_char(m.updated_at at time zone 'UTC', %(form)s),
        'sent_at', to_char(m.sent_at at time zone 'UTC', %(form)s),
        'notification_type', m.channel, 'template_id', m.template_id, 'template_version', m.template_version))
from moved m join callback c on c.service_id = m.service_id and c.kind = 'delivery_status'
where m.tell and m.status <> 'pending' and m.channel <> 'letter'
"""
