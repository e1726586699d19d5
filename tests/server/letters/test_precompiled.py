import pytest

from pillarbox.letters.inspection import Inspection, Kind
from pillarbox.letters.precompiled import Finding, check_attachment, check_letter
from pillarbox.letters.problems import Problem
from tests.server.letters.made_pdfs import address, mark_at, pdf


def showing(text: str):
    """An inspection that finds nothing wrong with two pages and reads this address."""
    return lambda _pdf, _kind: Inspection(None, 2, address_text=text)


@pytest.mark.parametrize(
    ("text", "international", "problem"),
    [
        ("A Person\n1 Street\nSW1A 1AA", False, None),
        ("A Person\n1 Rue\nFrance", True, None),
        ("A Person\n1 Rue\nFrance", False, Problem.NO_INTERNATIONAL),
        ("", False, Problem.ADDRESS_EMPTY),
        ("A Person\nSW1A 1AA", False, Problem.TOO_FEW_LINES),
        ("\n".join("ABCDEFGH") + "\nSW1A 1AA", False, Problem.TOO_MANY_LINES),
        ("-\nB\nSW1A 1AA", False, Problem.NAMELESS),
        ("A\nB\nBFPO 57\nFrance", True, Problem.COUNTRY_FOR_BFPO),
        ("A\nB\nnowhere", False, Problem.NO_POSTCODE),
        ("A\nB\nnowhere", True, Problem.NO_POSTCODE_OR_COUNTRY),
        ("A\n@B\nSW1A 1AA", False, Problem.BAD_CHARACTER),
        ("A\nNFA\nSW1A 1AA", False, Problem.NO_FIXED_ABODE),
    ],
)
def test_the_address_on_the_first_page_decides(text, international, problem) -> None:
    finding = check_letter(b"", international=international, inspect=showing(text))
    assert finding.problem == problem
    assert finding.page_count == 2
    assert finding.invalid_pages == (None if problem is None else (1,))


def test_an_address_that_will_do_is_handed_over_in_its_normal_form() -> None:
    finding = check_letter(b"", international=False, inspect=showing("A  Person,\n1 Street\nsw1a1aa\nUK"))
    assert finding.address is not None
    assert list(finding.address.normalised_lines) == ["A Person", "1 Street", "SW1A 1AA"]


def test_problems_with_the_pages_come_before_those_of_the_address() -> None:
    bad_pages = Inspection(Problem.INK_OUTSIDE, 3, (2, 3))
    finding = check_letter(b"", international=False, inspect=lambda _pdf, _kind: bad_pages)
    assert finding == Finding(Problem.INK_OUTSIDE, 3, (2, 3))


def test_a_file_from_outside_is_looked_at_in_a_process_of_its_own() -> None:
    letter = check_letter(pdf(address()), international=False)
    assert letter.problem is None
    assert check_attachment(pdf(mark_at(5, 5))) == Finding(Problem.INK_OUTSIDE, 1, (1,))


def test_an_attachment_needs_no_address() -> None:
    kinds = []
    check_attachment(b"", inspect=lambda _pdf, kind: kinds.append(kind) or Inspection(None, 1))
    assert kinds == [Kind.ATTACHMENT]
