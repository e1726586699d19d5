"""The record of callbacks, and services found by the number that a text was sent to."""

from django.db import migrations

TABLES = """
-- Every attempt to call a service back, kept as long as the message that it is about: `created_at` is the message's.
create table callback_attempt (
    id bigint generated always as identity primary key,
    created_at timestamptz not null,
    attempted_at timestamptz not null,
    service_id uuid not null,
    kind text not null,
    channel text not null,
    message_id uuid not null, -- a notification's or a received text's
    webhook_id text not null,
    attempt smallint not null,
    url text not null,
    status smallint, -- null: there was no answer
    outcome text not null check (outcome in ('done', 'again', 'failed', 'gave up')),
    reason text not null,
    seconds real not null,
    answer text not null -- its first kilobyte
);
create index callback_attempt_of_message on callback_attempt (message_id, id);
create index callback_attempt_of_service on callback_attempt (service_id, attempted_at);
-- Rows are written in about this order, so that a narrow index is enough to drop the old ones.
create index callback_attempt_age on callback_attempt using brin (created_at);

-- Numbers are written in many ways; a number that starts with 44 is read as starting with 0 (contract, section 9).
create function national_digits(number text) returns text language sql immutable strict parallel safe
return regexp_replace(regexp_replace(regexp_replace(number, '[^0-9]', '', 'g'), '^00', ''), '^44', '0');

alter table service add column inbound_digits text generated always as (national_digits(inbound_number)) stored;
create index service_by_inbound_digits on service (inbound_digits);
"""

BACK = """
alter table service drop column inbound_digits;
drop function national_digits;
drop table callback_attempt;
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_delivery_engine"), ("services", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, BACK)]
