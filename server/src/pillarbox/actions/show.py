"""Showing a stored message: its texts filled from the version that it used, and what it cost."""

from dataclasses import dataclass

from pillarbox.content.placeholders import Personalisation
from pillarbox.messages.costs import EMAIL_COST, Cost, letter_cost, text_cost
from pillarbox.store.notifications import Notification
from pillarbox.store.rates import RateTable
from pillarbox.store.store import Store
from pillarbox.store.templates import Template


@dataclass(frozen=True, slots=True)
class Shown:
    """What callers read of a message beside its row."""

    body: str
    subject: str | None
    cost: Cost
    has_unsubscribe_link: bool = False


async def show(store: Store, row: Notification) -> Shown:
    """Fill the texts of a message and work out its cost."""
    template = await store.templates.version(row.service_id, row.template_id, row.template_version)
    cost = _cost(row, await store.rates.table())
    if template is None:
        raise LookupError(f"notification {row.id} was made from a template version that is not there")
    return _filled(template, row, cost)


def _filled(template: Template, row: Notification, cost: Cost) -> Shown:
    personalisation = Personalisation(row.personalisation)
    if row.channel == "sms":
        return Shown(template.text.render(personalisation).body, None, cost)
    if row.channel == "email":
        email = template.email
        return Shown(
            email.body(personalisation), email.subject(personalisation), cost, template.has_unsubscribe_link
        )
    if template.hidden:
        return Shown("", "Pre-compiled PDF", cost)
    return Shown(template.letter.body(personalisation), template.letter.subject(personalisation), cost)


def _cost(row: Notification, rates: RateTable) -> Cost:
    if row.channel == "email":
        return EMAIL_COST
    if row.channel == "sms":
        return text_cost(row.status, row.billable_units, row.rate_multiplier, rates.sms_rate(row.created_at))
    postage = row.postage or ""
    rate = rates.letter_rate(postage, row.billable_units, row.created_at)
    return letter_cost(row.status, row.billable_units, row.postage, rate)
