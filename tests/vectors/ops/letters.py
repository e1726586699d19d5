"""Letters: what callers are shown and what is printed."""

from datetime import UTC, datetime
from typing import Any

from pillarbox.content.letters import LetterTemplate, LetterText, address_lines
from pillarbox.content.letters_dates import Language, letter_date
from pillarbox.content.placeholders import Personalisation
from pillarbox.recipients.postal_addresses import PostalAddress

_RECORDED_ON = "2026-03-01T12:00:00"
_ADDRESS = [f"address_line_{number}" for number in range(1, 7)]


def letter(given: dict[str, Any]) -> dict[str, Any]:
    language = Language(given.get("language") or "english")
    text = _text(given, language)
    values = Personalisation(given.get("values"))
    printed = text.printed(values)
    too_long = printed.qr_code_too_long
    created_at = datetime.fromisoformat(given.get("created_at") or _RECORDED_ON).replace(tzinfo=UTC)
    answer: dict[str, Any] = {
        "subject": text.subject(values),
        "placeholders": list(text.placeholders),
        "missing": text.missing(values),
        "qr_code_too_long": too_long and too_long._asdict(),
        "api_body": text.body(values),
        "contact_block_html": text.contact_block_html(values),
        "date": letter_date(created_at, language),
        "empty": text.is_empty(values),
        "address_lines": address_lines(values, _normalised_address(values)),
    }
    if not too_long:
        answer["html"] = printed.html
        answer["qr_payloads"] = printed.qr_payloads
    return answer


def _text(given: dict[str, Any], language: Language) -> LetterText:
    template = LetterTemplate(
        given.get("subject", "Heading"),
        given["content"],
        given.get("contact_block"),
        given.get("welsh_subject"),
        given.get("welsh_content"),
    )
    return template.welsh if language is Language.WELSH and template.welsh else template.english


def _normalised_address(values: Personalisation) -> list[str]:
    last = "address_line_7" if values.get("address_line_7") is not None else "postcode"
    lines = {name: values.get(name) for name in [*_ADDRESS, last]}
    return PostalAddress.from_personalisation(lines).normalised_lines


OPS = {"letter": letter}
