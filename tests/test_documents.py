"""The documents: links lead somewhere, errors are complete, and nothing of one machine is in them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "server" / "README.md"])
API = ROOT / "server" / "src" / "pillarbox" / "api"

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_RAISED = re.compile(r'ApiError\(\s*(\d{3}), "(\w+)"|Kind\.\w+: \((\d{3}), "(\w+)"\)')


def name(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in _LINK.findall(text):
        if target.startswith(("http://", "https://", "mailto:", "#")):
            continue
        path, _, anchor = target.partition("#")
        assert (page.parent / path).exists(), f"{name(page)} links to {target}"
        if anchor:
            assert anchor in headings(page.parent / path), f"{name(page)} links to {target}"


def headings(page):
    """The anchors that a page's headings get."""
    found = re.findall(r"^#+ (.*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_begins_with_its_one_title(page):
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    assert text.startswith("# ")
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_names_no_place_of_the_machine_it_was_written_on(page):
    assert not re.search(r"/(root|home|Users)/", page.read_text(encoding="utf-8"))


def test_the_reference_has_every_error_that_the_api_answers():
    text = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    raised = {
        (found[0] or found[2], found[1] or found[3])
        for module in API.glob("*.py")
        for found in _RAISED.findall(module.read_text(encoding="utf-8"))
    }
    assert len(raised) > 10
    missing = {pair for pair in raised if f"| {pair[0]} | `{pair[1]}` |" not in text}
    assert not missing
