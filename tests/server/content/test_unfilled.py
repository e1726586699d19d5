import pytest

from pillarbox.content.placeholders import Personalisation, PlaceholderText
from pillarbox.content.unfilled import hidden, hidden_in_plain_text, marked, marked_without_brackets

CONDITIONAL = "<span class='placeholder-conditional'>&#40;&#40;b??</span>text&#41;&#41;"
HIDDEN = "<span class='placeholder-redacted'>hidden</span>"


@pytest.mark.parametrize(
    ("shown_as", "preview"),
    [
        (marked, f"<span class='placeholder'>&#40;&#40;&lt;a&gt;&#41;&#41;</span> {CONDITIONAL} 1"),
        (marked_without_brackets, f"<span class='placeholder-no-brackets'>&lt;a&gt;</span> {CONDITIONAL} 1"),
        (hidden, f"{HIDDEN} {HIDDEN} 1"),
        (hidden_in_plain_text, "[hidden] [hidden] 1"),
    ],
)
def test_placeholders_without_value_are_marked_for_people(shown_as, preview):
    text = PlaceholderText.parse("((<a>)) ((b??text)) ((c))")
    assert text.fill(Personalisation({"c": 1}), escape=True, unfilled=shown_as) == preview
