"""UK postcodes."""

import re
from functools import cache

from pillarbox.content.characters import ZERO_WIDTH
from pillarbox.recipients.places import places

_DELETE_INVISIBLE = dict.fromkeys(map(ord, ZERO_WIDTH))


def format_postcode(text: str) -> str | None:
    """A postcode in capitals with one space, ``SW1A 1AA``; None if the text is none.

    Overseas codes such as ``ASCN 1ZZ`` are none, nor is ``GIR 0AA``. Contract: content rules, section 3.
    """
    joined = "".join((text if text.isascii() else text.translate(_DELETE_INVISIBLE)).split()).upper()
    return f"{joined[:-3]} {joined[-3:]}" if _shape().fullmatch(joined) else None


@cache
def _shape() -> re.Pattern[str]:
    areas = "|".join(places()["uk_postcode_areas"])
    return re.compile(rf"(?:{areas})[0-9][0-9A-Z]?[0-9][ABD-HJLNP-UW-Z]{{2}}")
