"""Limits that hold across API processes, idempotency keys, batch jobs, received texts, requests to unsubscribe."""

from django.db import migrations

TABLES = """
-- A token bucket for each service and type of key. Lost in a crash, it is full again, which nobody minds: unlogged.
create unlogged table rate_bucket (
    service_id uuid not null,
    key_type text not null,
    size integer not null,
    per_minute integer not null,
    asked integer not null,
    granted integer not null,
    tokens integer not null,
    filled_at timestamptz not null,
    primary key (service_id, key_type)
) with (fillfactor = 50);

create table daily_count (
    service_id uuid not null,
    channel text not null,
    day date not null,
    most integer not null,
    asked integer not null,
    granted integer not null,
    count integer not null,
    primary key (service_id, channel, day)
) with (fillfactor = 50);

create table idempotency (
    service_id uuid not null,
    key text not null,
    fingerprint bytea not null,
    claim uuid not null,
    claimed_at timestamptz not null default clock_timestamp(),
    answer text,
    primary key (service_id, key)
);
create index idempotency_age on idempotency (claimed_at);

create table job (
    id uuid primary key,
    service_id uuid not null,
    template_id uuid not null,
    original_file_name text not null,
    created_by uuid,
    created_at timestamptz not null default now()
);

create table received_text (
    id uuid primary key,
    service_id uuid not null,
    created_at timestamptz not null,
    notify_number text not null,
    user_number text not null,
    content text not null
);
create index received_text_of_service on received_text (service_id, created_at desc, id desc);

create table unsubscribe_request (
    notification_id uuid primary key,
    service_id uuid not null,
    template_id uuid not null,
    recipient text not null,
    created_at timestamptz not null default now()
);
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]
    operations = [
        migrations.RunSQL(
            TABLES,
            "drop table unsubscribe_request, received_text, job, idempotency, daily_count, rate_bucket",
        )
    ]
