"""Following a list from page to page. No I/O."""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional
from urllib.parse import parse_qs, urlsplit

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def next_older_than(page: Mapping[str, Any], items: str) -> Optional[str]:
    """Find where the page after this one starts.

    The link's own `older_than` is taken, since a reference among its filters may be a UUID too; a link
    without one is searched for any UUID.

    Args:
        page: an answer with `links`.
        items: the key of its list; an empty one ends the journey.

    Returns:
        The id to ask for messages older than; None if no page follows.
    """
    link = page["links"].get("next")
    if not link or not page[items]:
        return None
    named = parse_qs(urlsplit(link).query).get("older_than")
    found = _UUID.search(named[0] if named else link)
    return found.group(0) if found else None
