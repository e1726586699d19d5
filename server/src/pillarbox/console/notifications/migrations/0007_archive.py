"""What is left of messages whose time is over."""

from django.db import migrations

TABLES = """
-- How many messages there were of each kind. Everything that usage and prices are counted from, and nobody's address.
create table archived_day (
    service_id uuid not null,
    day date not null, -- London's
    channel text not null,
    key_type text not null,
    template_id uuid not null,
    status text not null,
    provider text,
    international boolean not null,
    rate_multiplier smallint,
    postage text,
    billable_units integer not null, -- of each: fragments of a text, sheets of a letter
    messages bigint not null,
    unique nulls not distinct (service_id, day, channel, key_type, template_id, status, provider, international,
        rate_multiplier, postage, billable_units)
);

-- Emails whose recipients may still unsubscribe, for a year.
create table archived_email (
    id uuid primary key,
    service_id uuid not null,
    template_id uuid not null,
    created_at timestamptz not null
);
create index archived_email_age on archived_email (created_at);
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_rehearsals")]
    operations = [migrations.RunSQL(TABLES, "drop table archived_email, archived_day")]
