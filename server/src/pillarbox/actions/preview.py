"""Showing what a template makes of some personalisation, without sending anything."""

from typing import Any

from pillarbox.actions.refusals import Refused
from pillarbox.content.placeholders import Personalisation
from pillarbox.store.templates import Template


def preview(template: Template, values: dict[str, Any]) -> dict[str, Any]:
    """Return the filled template as callers see it (public API contract, section 4, POST preview).

    Raises:
        Refused: `Missing personalisation: …`.
    """
    personalisation = Personalisation(values)
    missing = template.filled.missing(personalisation)
    if missing:
        raise Refused(f"Missing personalisation: {', '.join(missing)}")
    return {
        "id": template.id,
        "type": template.channel,
        "version": template.version,
        "postage": template.postage,
        **_texts(template, personalisation),
    }


def _texts(template: Template, personalisation: Personalisation) -> dict[str, Any]:
    if template.channel == "sms":
        return {"body": template.text.render(personalisation).body, "subject": None, "html": None}
    if template.channel == "email":
        email = template.email
        html = email.html(personalisation)
        return {"body": email.body(personalisation), "subject": email.subject(personalisation), "html": html}
    letter = template.letter
    return {"body": letter.body(personalisation), "subject": letter.subject(personalisation), "html": None}
