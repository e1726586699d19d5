import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.emails import EmailTemplate
from pillarbox.content.emails_rendering import LONGEST_SOURCE, MOST_OUTLINES
from pillarbox.content.placeholders import Personalisation, PersonalisationError

FORMS = ("_html", "_plain", "_preheader")
BEFORE = [
    "Dear ",
    "a: ",
    "\n* the ",
    "\n# of ",
    "^ w, ",
    "https://x.yz/",
    "(https://x.yz?q=",
    "[t](https://x.yz/",
    "&r=",
]
AFTER = [" ", ", ", ".\n", "\n\n", "'s ", ")", ") ", "&", "", "; ", ": ", " - ", ' "q" ']
PIECES = [
    *"*-#^[]()!'\"=5\n@;&.\\<|\t", "    ", "\n\n", "1. ", "---\n", "](", "[a](b ", "![i](", "```\n", "[k]: u\n", "https://",
    "GOV", ".UK", "&lt", "80s", "'s", "'5", " word ", "\u2028", "((d??shown ))", "((d??# ))", "((a))", "((a??x))",
]  # fmt: skip
PLACES = st.tuples(
    st.sampled_from(BEFORE), st.sampled_from(["((a))", "((b))", "((c))"]), st.sampled_from(AFTER)
).map("".join)
SOURCES = st.lists(PLACES | st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
VALUES = st.sampled_from(
    [
        "Ada Lovelace", "Cora O’Neil", "s", "80s", "1", "http", "gov", "amp", "lt", "K", "£1,234.50", "10:30am",
        "01/03/2026", "Cora O'Neil", "Bob Jr.", "S. Ŵyn", "St. Mary's, Ely", "Mary's", "GOV.", "gov. uk",
        "AB-12_c", "yes", 5, True,
    ]
) | st.text("abs 1.,-’é_''£:/ \u3164", max_size=6)  # fmt: skip


@given(SOURCES, st.fixed_dictionaries({"a": VALUES, "b": VALUES, "c": VALUES, "d": st.booleans()}))
def test_an_outline_filled_is_what_the_whole_text_comes_to(source, values):
    template = EmailTemplate("", source)
    for form in FORMS:
        rendering = getattr(template, form)
        assert rendering.quickly(Personalisation(values)) in (None, rendering.anew(Personalisation(values)))


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("no placeholders", {}),
        ("Dear ((a)),\n\nfrom ((b)) ((a))'s.", {"a": "Ada Lovelace", "b": "Cora O’Neil-Ŵyn"}),
        ("# About ((a))\n* at ((b)): ((c))", {"a": "01/03/2026", "b": "10:30am", "c": "£1,234.50"}),
        (
            "https://x.yz/((a)) https://x.yz?k=((b))&l=((c)). [x](https://x.yz/((a)))",
            {"a": "AB-12_c", "b": "x", "c": 7},
        ),
        ("a ((d??# b)) ((d))", {"d": True}),
        ("Dear ((a)), of ((b)): ((c))", {"a": "Cora O'Neil", "b": "St. Mary's, Ely", "c": "Bob Jr."}),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_sentences_and_addresses_have_outlines(source, values, form):
    assert getattr(EmailTemplate("", source), form).quickly(Personalisation(values)) is not None


@pytest.mark.parametrize(
    "source",
    [
        "((a))", "x\n((a))", "* ((a))", "1. ((a))", "x-((a))", "'((a))'", '"((a))"', "x ((a))x", "x ((a)).uk",
        "x ((a))@b", "[k ((a))](u)", "x **((a))**", "http://((a))", "x/((a))b", "x/((a));",
        "x ((a)) <b>", "x ((a)) | y", "x ((a)) \\*", "x ((a))\ty", "x ((a))\n\n[k]: u", "```\nx ((a))\n```",
        "~~~\nx ((a))", "x ((b)) ((a))", "x ((b??c)) ((a))", "x " + "y" * LONGEST_SOURCE + " ((a))",
    ],
)  # fmt: skip
def test_a_value_anywhere_else_has_the_text_read_anew(source):
    assert EmailTemplate("", source)._plain.quickly(Personalisation({"a": "Ada"})) is None


@pytest.mark.parametrize(
    "value",
    [
        "", " a", "a ", "a  b", "a..", ".a", "a .", "a,", "a.b", "1.b", "a\nb", '"a"', "a--b", "a - b", "_a", "a@b",
        "*a*", "<b>", "'a", "a'", "a' b", "a '80s", "a'8", "8'a", "a''b", "a's's", "Mary's", "&", "#1", "\u3164",
        "a\u2028b", "a" * 101, 1.5, [], ["a"], {"a": 1}, None,
    ],
)  # fmt: skip
def test_a_value_that_is_more_than_words_has_the_text_read_anew(value):
    assert EmailTemplate("", "x ((a)) y")._plain.quickly(Personalisation({"a": value})) is None


@pytest.mark.parametrize("value", ["two words", "O’Neil", "O'Neil", "a.", "£5", "é", "a/b", "-a", "a-"])
def test_what_is_part_of_an_address_is_one_word(value):
    assert EmailTemplate("", "https://x.yz/((a))")._html.quickly(Personalisation({"a": value})) is None


def test_an_apostrophe_stays_straight_where_typography_leaves_the_text_alone():
    template = EmailTemplate("", "Ask ((a)) or [the ((a)) line](https://x.yz)")
    values = Personalisation({"a": "O'Neil"})
    assert template._html.quickly(values) is None
    assert template._html.quickly(Personalisation({"a": "Neil"})) is not None
    assert template._plain.quickly(values) == "Ask O’Neil or the O’Neil line: https://x.yz\n"
    assert ">the O'Neil line</a>" in template.html(values)
    assert "Ask O’Neil" in template.html(values)


def test_a_target_with_spaces_is_encoded_and_has_no_outline():
    template = EmailTemplate("", "[x](y ((a)))")
    assert template._html.quickly(Personalisation({"a": "b"})) is None
    assert 'href="http://y%20b%20c"' in template.html(Personalisation({"a": "b c"}))


def test_conditions_have_an_outline_for_each_choice_up_to_a_limit():
    names = "abcde"
    template = EmailTemplate("", "x" + "".join(f" (({name}??{name}.))" for name in names))
    shown = set()
    for number in range(2 ** len(names)):
        values = Personalisation({name: bool(number >> place & 1) for place, name in enumerate(names)})
        shown.add(template.plain(values))
        assert (template._plain.quickly(values) is None) == (number >= MOST_OUTLINES)
    assert len(shown) == 2 ** len(names)


def test_a_number_too_long_to_write_is_refused_by_every_part():
    template = EmailTemplate("", "x ((a)) y")
    for part in (template.html, template.plain, template.preheader):
        with pytest.raises(PersonalisationError):
            part(Personalisation({"a": 10**5000}))
