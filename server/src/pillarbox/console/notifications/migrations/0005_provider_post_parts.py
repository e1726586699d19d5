"""Parts of long texts that providers bring one by one, perhaps to several workers, until they can be read together."""

from django.db import migrations

TABLES = """
create table provider_post_part (
    provider text not null,
    group_name text not null,
    number smallint not null,
    content_type text not null,
    body bytea not null,
    received_at timestamptz not null default clock_timestamp(),
    joined boolean not null default false,
    primary key (provider, group_name, number)
);
create index provider_post_part_age on provider_post_part (received_at);
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_callback_attempts_inbound_numbers")]
    operations = [migrations.RunSQL(TABLES, "drop table provider_post_part")]
