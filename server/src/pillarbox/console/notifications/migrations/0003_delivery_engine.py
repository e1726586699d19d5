"""What providers post, by which references they know messages, how each message fared, and turns between services."""

from django.db import migrations

TABLES = """
-- What happened to a message after it was accepted: an object for each attempt and receipt, oldest first.
alter table notification add column timeline jsonb not null default '[]';

-- Callbacks about received texts have no notification.
alter table outbox alter column notification_id drop not null;
alter table outbox alter column notification_created_at drop not null;

-- Services take turns: each claim takes a few rows of each service that has any due.
create index outbox_turns on outbox (kind, lane, service_id, due);
drop index outbox_due;

-- What providers tell us, word for word, until it is applied. What could not be applied says why and stays a while.
create table provider_post (
    id bigint generated always as identity primary key,
    provider text not null,
    kind text not null check (kind in ('receipt', 'received_text')),
    received_at timestamptz not null default clock_timestamp(),
    content_type text not null default '',
    query text not null default '',
    body bytea not null,
    due timestamptz not null default clock_timestamp(),
    attempts smallint not null default 0,
    outcome text
) with (fillfactor = 70);
create index provider_post_due on provider_post (due) where outcome is null;

-- Only for providers whose receipts name their own reference instead of ours.
create table provider_reference (
    provider text not null,
    reference text not null,
    notification_id uuid not null,
    notification_created_at timestamptz not null,
    primary key (provider, reference)
);
create index provider_reference_age on provider_reference (notification_created_at);

-- A provider may tell of the same text twice.
alter table received_text add column provider text;
alter table received_text add column provider_reference text;
alter table received_text add column sent_at timestamptz;
create unique index received_text_once on received_text (provider, provider_reference)
    where provider_reference is not null;
"""

BACK = """
alter table received_text drop column provider, drop column provider_reference, drop column sent_at;
drop table provider_reference, provider_post;
create index outbox_due on outbox (lane, due);
drop index outbox_turns;
delete from outbox where notification_id is null;
alter table outbox alter column notification_id set not null;
alter table outbox alter column notification_created_at set not null;
alter table notification drop column timeline;
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_limits_jobs_received_texts")]
    operations = [migrations.RunSQL(TABLES, BACK)]
