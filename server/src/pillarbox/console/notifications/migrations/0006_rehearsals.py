"""The rules that the sandbox plays by, how often each has applied, and messages that it would not take."""

from django.db import migrations

TABLES = """
create table sandbox_rule (
    id uuid primary key,
    place bigint not null,
    rule json not null
);

-- A rule of the providers file has a count too, but no row above. The notification is all zeros where messages are
-- counted together.
create table sandbox_rule_use (
    rule_id uuid not null,
    notification_id uuid not null,
    used integer not null,
    primary key (rule_id, notification_id)
) with (fillfactor = 70);

-- Why a message has not been taken: people see it, tests do not find it.
alter table sandbox_message add column refusal text;

create index received_text_newest on received_text (created_at desc);
"""

BACK = """
drop index received_text_newest;
delete from sandbox_message where refusal is not null;
alter table sandbox_message drop column refusal;
drop table sandbox_rule_use, sandbox_rule;
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_provider_post_parts")]
    operations = [migrations.RunSQL(TABLES, BACK)]
