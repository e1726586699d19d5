"""How the recorded cases for text messages are asked of `content.texts`."""

from typing import Any

from pillarbox.content.characters import EXTENDED_GSM, forcing_unicode
from pillarbox.content.placeholders import Personalisation
from pillarbox.content.texts import TextTemplate
from tests.vectors.cases import Op


def _sms(given: dict[str, Any]) -> dict[str, Any]:
    template = TextTemplate(given["content"])
    personalisation = Personalisation(given.get("values"))
    prefix = given.get("prefix") if given.get("show_prefix", True) else None
    message = template.render(personalisation, prefix)
    return {
        "text": message.content,
        "characters": len(message.content),
        "characters_without_prefix": message.characters,
        "fragments": message.fragments,
        "unicode": message.is_unicode,
        "unicode_characters": forcing_unicode(message.content),
        "extended_gsm_count": sum(map(message.content.count, EXTENDED_GSM)),
        "replaced_with_question_mark": template.replaced_characters(personalisation, prefix),
        "empty": message.is_empty,
        "too_long": message.is_too_long,
        "characters_above_limit": message.characters_above_limit,
        "characters_above_previous_fragment_boundary": message.units_in_last_fragment,
        "v2_too_long_error": message.too_long_message if message.is_too_long else None,
    }


OPS: dict[str, Op] = {"sms": _sms}
