"""How the recorded cases for placeholders are asked of `content.placeholders`."""

from typing import Any

from pillarbox.content import placeholders, unfilled
from pillarbox.content.placeholders import Personalisation, PlaceholderText
from tests.vectors.cases import Op


def _render(given: dict[str, Any]) -> str:
    text = PlaceholderText.parse(given["content"])
    return text.fill(
        Personalisation(given["values"]),
        escape=given.get("html", "escape") == "escape",
        lists=placeholders.as_bullets if given.get("markdown_lists") else placeholders.in_words,
        unfilled=_how_unfilled_ones_are_shown(given),
    )


def _how_unfilled_ones_are_shown(given: dict[str, Any]) -> placeholders.Unfilled:
    if given.get("redact_missing_personalisation"):
        return unfilled.hidden_in_plain_text if given.get("plain") else unfilled.hidden
    if given.get("plain"):
        return placeholders.as_written
    return unfilled.marked if given.get("with_brackets", True) else unfilled.marked_without_brackets


def _template(given: dict[str, Any]) -> dict[str, Any]:
    template = given["template"]
    sources = [given.get("contact_block"), template.get("subject"), template["content"]]
    names = placeholders.unique_names(PlaceholderText.parse(source) for source in sources if source)
    personalisation = Personalisation(given["values"])
    missing = placeholders.missing_names(names, personalisation)
    return {
        "placeholders": list(names),
        "missing": missing,
        "additional": placeholders.additional_names(names, personalisation),
        "v2_error": placeholders.missing_message(missing) if missing else None,
    }


OPS: dict[str, Op] = {
    "match_key": lambda given: placeholders.fold(given["key"]),
    "placeholders": lambda given: list(PlaceholderText.parse(given["content"]).names),
    "render_field": _render,
    "template_placeholders": _template,
    "truthy": lambda given: placeholders.shows(given["value"]),
}
