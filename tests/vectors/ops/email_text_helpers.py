"""The parts that emails are made of."""

from typing import Any

from pillarbox.content.escaping import escape_html
from pillarbox.content.links import link_addresses, unlink_govuk
from pillarbox.content.typography import set_typography
from pillarbox.content.typography_words import file_size, quoted_list


def list_in_words(given: dict[str, Any]) -> str:
    return quoted_list(given["items"], **given["options"])


OPS = {
    "autolink_urls": lambda given: link_addresses(given["text"]),
    "escape_html": lambda given: escape_html(given["text"]),
    "format_file_size": lambda given: file_size(given["bytes"]),
    "formatted_list": list_in_words,
    "typography": lambda given: set_typography(given["text"]),
    "unlink_govuk": lambda given: unlink_govuk(given["text"]),
}
