"""What needs the pages of a PDF letter opened: problems with them, and the address on the first."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import pypdfium2

from pillarbox.letters.areas import ADDRESS_WINDOW, NOTIFY_TAG
from pillarbox.letters.drawing import Drawing
from pillarbox.letters.paper import Paper, UnreadablePdf, read_paper
from pillarbox.letters.problems import Problem

# Words that stick out of the window a little still belong to the address.
_AROUND_THE_WINDOW = 3.0


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the pages show: a problem with some of them, or the text in the address window."""

    problem: Problem | None
    page_count: int | None
    invalid_pages: tuple[int, ...] | None = None
    address_text: str = ""


class Kind(StrEnum):
    """What the pages are: a letter, or what is put behind one and carries no address."""

    LETTER = "letter"
    ATTACHMENT = "attachment"


Inspect = Callable[[bytes, Kind], Inspection]


def inspect_pages(pdf: bytes, kind: Kind) -> Inspection:
    """Look at the pages of a PDF within this process: for files one trusts, and for tests.

    Args:
        pdf: the file.
        kind: whether the first page is one with an address.

    Returns:
        The first problem in the contract's order with all pages that have it, counted from 1, or none.
    """
    try:
        paper = read_paper(pdf)
        if paper.too_long:
            return Inspection(Problem.TOO_LONG, paper.page_count)
        with _drawings(paper) as drawings:
            return _inspect(paper, drawings, kind)
    except (UnreadablePdf, pypdfium2.PdfiumError):
        return Inspection(Problem.UNREADABLE, None)


@contextmanager
def _drawings(paper: Paper) -> Iterator[list[Drawing]]:
    with pypdfium2.PdfDocument(paper.plain) as document:
        document.init_forms()
        yield [Drawing(document[number]) for number in range(paper.page_count)]


def _inspect(paper: Paper, drawings: list[Drawing], kind: Kind) -> Inspection:
    letter = kind is Kind.LETTER
    checks = (
        (Problem.NOT_A4, (not sheet.is_a4_portrait for sheet in paper.sheets)),
        (
            Problem.INK_OUTSIDE,
            (d.has_ink_outside(first_page=letter and n == 0) for n, d in enumerate(drawings)),
        ),
        (Problem.TAG_FOUND, (_is_tagged(d) and not (letter and n == 0) for n, d in enumerate(drawings))),
    )
    for problem, findings in checks:
        if pages := _numbers(findings):
            return Inspection(problem, paper.page_count, pages)
    window = ADDRESS_WINDOW.widened(_AROUND_THE_WINDOW)
    text = "\n".join(drawings[0].lines_meeting(window)) if letter else ""
    return Inspection(None, paper.page_count, address_text=text)


def _numbers(findings: Iterable[bool]) -> tuple[int, ...]:
    return tuple(number for number, bad in enumerate(findings, start=1) if bad)


def _is_tagged(drawing: Drawing) -> bool:
    return "NOTIFY" in drawing.text_within(NOTIFY_TAG)
