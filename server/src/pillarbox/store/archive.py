"""What is left of messages whose time is over: numbers, and the emails whose recipients may still unsubscribe.

The numbers hold nobody's address and nothing that anyone wrote, but all that usage and its price are counted from:
texts by rate and fragments, letters by postage and sheets. A row for each message would hold no more of that, and would
grow as the messages do.
"""

from typing import Final

# Within a statement whose `gone` has the messages that leave. Days are London's. Test messages leave no trace.
ARCHIVE_GONE: Final = """
counted as (
    insert into archived_day as a (service_id, day, channel, key_type, template_id, status, provider, international,
        rate_multiplier, postage, billable_units, messages)
    select service_id, (created_at at time zone 'Europe/London')::date as day, channel, key_type, template_id, status,
        provider, international, rate_multiplier, postage, billable_units, count(*)
    from gone where key_type <> 'test'
    group by service_id, day, channel, key_type, template_id, status, provider, international, rate_multiplier,
        postage, billable_units
    on conflict (service_id, day, channel, key_type, template_id, status, provider, international, rate_multiplier,
        postage, billable_units)
    do update set messages = a.messages + excluded.messages
), linked as (
    insert into archived_email (id, service_id, template_id, created_at)
    select g.id, g.service_id, g.template_id, g.created_at
    from gone g join template t on t.id = g.template_id and t.has_unsubscribe_link
    where g.channel = 'email' and g.key_type <> 'test'
    on conflict do nothing
), uncaught as (
    delete from sandbox_message s using gone g where s.notification_id = g.id
), unused as (
    delete from sandbox_rule_use u using gone g where u.notification_id = g.id
)"""
