"""The data plane's first tables.

`notification` is partitioned by the day of `created_at` (UTC): retention drops whole days, and ids of ours lead to
their day. `outbox` is what is still to be done; a row in it is deleted when it is. `sandbox_message` is what the
sandbox caught.
"""

from django.db import migrations

TABLES = """
create table notification (
    id uuid not null,
    created_at timestamptz not null,
    service_id uuid not null,
    channel text not null,
    key_type text not null,
    api_key_id uuid,
    template_id uuid not null,
    template_version integer not null,
    recipient text not null,
    personalisation json,
    reference text,
    status text not null,
    sender text,
    one_click_unsubscribe_url text,
    international boolean not null default false,
    phone_prefix text,
    rate_multiplier smallint,
    billable_units integer not null default 0,
    postage text,
    provider text,
    provider_reference text,
    sent_at timestamptz,
    updated_at timestamptz,
    job_id uuid,
    job_row integer,
    created_by uuid,
    primary key (id, created_at)
) partition by range (created_at);

create index notification_of_service on notification (service_id, created_at desc, id desc);
create index notification_by_reference on notification (service_id, reference) where reference is not null;

create table outbox (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('deliver', 'receipt', 'callback')),
    lane smallint not null default 0,
    service_id uuid not null,
    notification_id uuid not null,
    notification_created_at timestamptz not null,
    due timestamptz not null default now(),
    attempts smallint not null default 0,
    payload json
) with (fillfactor = 70);

create index outbox_due on outbox (lane, due);

create table sandbox_message (
    id uuid primary key,
    caught_at timestamptz not null default clock_timestamp(),
    service_id uuid not null,
    notification_id uuid not null unique,
    channel text not null,
    recipient text not null,
    sender text,
    reference text,
    subject text,
    body text not null,
    html text,
    source text
);

create index sandbox_message_newest on sandbox_message (caught_at desc);
create index sandbox_message_by_recipient on sandbox_message (lower(recipient), caught_at desc);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(TABLES, "drop table sandbox_message, outbox, notification")]
