"""Escaping text for HTML."""

import html
import re

# Long enough for every named entity; digits without end are no character.
_ENTITY = re.compile(r"&#?[^\s&;<#]{1,64};")

# Two entities are to stay as they are. These stand for them meanwhile, as they always did: a text that holds
# one of them comes out with the entity.
_KEPT = (("&nbsp;", "👾🐦🥴"), ("&amp;", "➕🐦🥴"))


def escape_html(text: str) -> str:
    """Escape ``&``, ``<`` and ``>``; entities that end in a semicolon are read as their characters first.

    ``&nbsp;`` and ``&amp;`` stay, and so do quotes. Escaping twice is the same as once for most texts.
    Contract: content rules, section 4, "Escaping".
    """
    if "&" in text:
        for entity, stand_in in _KEPT:
            text = text.replace(entity, stand_in)
        text = _ENTITY.sub(_character, text)
        text = text.replace("&", "&amp;")
    text = text.replace("<", "&lt;").replace(">", "&gt;")
    if not text.isascii():
        for entity, stand_in in _KEPT:
            text = text.replace(stand_in, entity)
    return text


def _character(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])
