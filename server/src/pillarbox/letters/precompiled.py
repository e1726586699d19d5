"""Letters that arrive as finished PDFs: may they be printed, and who gets them."""

from dataclasses import dataclass

from pillarbox.letters.apart import inspect_apart
from pillarbox.letters.inspection import Inspect, Kind
from pillarbox.letters.problems import Problem
from pillarbox.recipients.postal_addresses import PostalAddress


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of a PDF found; `problem` is None for one that can be printed."""

    problem: Problem | None
    page_count: int | None
    invalid_pages: tuple[int, ...] | None = None
    address: PostalAddress | None = None


def check_letter(pdf: bytes, *, international: bool, inspect: Inspect = inspect_apart) -> Finding:
    """Check a letter that is sent as it is (contract, content rules, section 9).

    Args:
        pdf: the file, of any content.
        international: whether its sender may post letters abroad.
        inspect: how to look at the pages; by default in a process of its own with limits, since a PDF
            from outside may want any amount of time and memory.

    Returns:
        The first problem with the pages that have it, counted from 1; or the recipient's address.
    """
    seen = inspect(pdf, Kind.LETTER)
    if seen.problem is not None:
        return Finding(seen.problem, seen.page_count, seen.invalid_pages)
    address = PostalAddress.parse(seen.address_text)
    error = address.error(international_letters=international)
    if error is not None:
        return Finding(Problem(error.code), seen.page_count, (1,))
    return Finding(None, seen.page_count, address=address)


def check_attachment(pdf: bytes, *, inspect: Inspect = inspect_apart) -> Finding:
    """Check pages that follow a letter made from a template: all like later pages, without an address.

    Args:
        pdf: the file, of any content.
        inspect: how to look at the pages, as for a letter.
    """
    seen = inspect(pdf, Kind.ATTACHMENT)
    return Finding(seen.problem, seen.page_count, seen.invalid_pages)
