"""Lists and sizes the way people read them."""

from collections.abc import Iterable

from pillarbox.content.escaping import escape_html
from pillarbox.content.placeholders import in_words

_KILOBYTE = 1024
_MEGABYTE = 1024 * _KILOBYTE
# From here on sizes are given in megabytes.
_LARGE = 50 * _KILOBYTE


def quoted_list(
    items: Iterable[object],
    *,
    before_each: str = "‘",
    after_each: str = "’",
    prefix: str = "",
    prefix_plural: str = "",
) -> str:
    """Items in a sentence, for HTML: ``‘a’, ‘b’ and ‘c’``.

    Args:
        items: what is listed; each is escaped.
        before_each: what stands before each item.
        after_each: what stands after each item.
        prefix: what the list starts with if it has one item.
        prefix_plural: what the list starts with if it has several.
    """
    quoted = [f"{before_each}{escape_html(str(item))}{after_each}" for item in items]
    if not quoted:
        return ""
    start = prefix if len(quoted) == 1 else prefix_plural
    return f"{start} {in_words(quoted)}" if start else in_words(quoted)


def file_size(size: int) -> str:
    """The size of a file in kilobytes or megabytes: ``1.5MB``.

    Zeros at the end are dropped, those of ``10.0`` too: callers are used to ten megabytes being called 1MB.

    Args:
        size: the number of bytes.
    """
    unit, name = (_KILOBYTE, "KB") if size < _LARGE else (_MEGABYTE, "MB")
    return f"{max(size / unit, 0.1):.1f}".rstrip("0.") + name
