"""Showing stored messages: their texts filled from the versions that they used, and what they cost."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from pillarbox.content.placeholders import Personalisation
from pillarbox.messages.costs import EMAIL_COST, Cost, letter_cost, text_cost
from pillarbox.store.notifications import Notification
from pillarbox.store.rates import RateTable
from pillarbox.store.store import Store
from pillarbox.store.templates import Template


class Shown(msgspec.Struct, frozen=True):
    """What callers read of a message beside its row."""

    body: str
    subject: str | None
    cost: Cost
    has_unsubscribe_link: bool = False


async def show(store: Store, service_id: UUID, rows: Sequence[Notification]) -> list[Shown]:
    """Fill the texts of messages of one service and work out their costs; the templates are found first, once each."""
    rates = await store.rates.table()
    templates: dict[tuple[str, int], Template] = {}
    for row in rows:
        version = (row.template_id, row.template_version)
        if version not in templates:
            found = await store.templates.version(service_id, UUID(row.template_id), row.template_version)
            if found is None:
                raise LookupError(f"notification {row.id} was made from a template version that is not there")
            templates[version] = found
    return [_shown(templates[row.template_id, row.template_version], row, rates) for row in rows]


def _shown(template: Template, row: Notification, rates: RateTable) -> Shown:
    personalisation = Personalisation(row.personalisation)
    if row.channel == "sms":
        rate = rates.sms_rate(row.created_at)
        cost = text_cost(row.status, row.billable_units, row.rate_multiplier, rate)
        return Shown(template.text.body(personalisation), None, cost)
    if row.channel == "email":
        body, subject = template.email.body(personalisation), template.email.subject(personalisation)
        return Shown(body, subject, EMAIL_COST, template.has_unsubscribe_link)
    rate = rates.letter_rate(row.postage or "", row.billable_units, row.created_at)
    cost = letter_cost(row.status, row.billable_units, row.postage, rate)
    if template.hidden:
        return Shown("", "Pre-compiled PDF", cost)
    return Shown(template.letter.body(personalisation), template.letter.subject(personalisation), cost)
