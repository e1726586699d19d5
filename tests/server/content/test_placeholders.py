import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.placeholders import (
    Personalisation,
    PersonalisationError,
    PlaceholderText,
    additional_names,
    as_bullets,
    fold,
    in_words,
    missing_message,
    missing_names,
    shows,
    unique_names,
)
from tests.support.linear_time import assert_linear

ANY_TEXT = st.text(st.characters())
TEMPLATE_TEXT = st.text(st.sampled_from("()?ab _-A<&;\n€"), max_size=60)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
PERSONALISATIONS = st.dictionaries(TEMPLATE_TEXT, JSON_VALUES, max_size=5)
NASTY = ["(", "((", "((a", "((a??", "((a))", "((a??b))", ")", "))((", "?", "(( ", "((\u0301"]


def fill(source, values, **options):
    return PlaceholderText.parse(source).fill(Personalisation(values), **options)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("((name)) and ((other))", ("name", "other")),
        ("((First Name)) ((first_name)) ((FIRST-NAME))", ("First Name",)),
        ("((name??text))((name))", ("name",)),
        ("(((x)))", ("x",)),
        ("((a(b))) (()) ((a)b))", ()),
        ("((two\nlines))", ("two\nlines",)),
        ("((a??b??c))", ("a",)),
        ("((name??((other))))", ("other",)),
        ("((??always))", ("",)),
    ],
)
def test_names_are_listed_once_in_the_order_and_spelling_of_first_use(source, names):
    assert PlaceholderText.parse(source).names == names


@pytest.mark.parametrize(
    ("source", "values", "filled"),
    [
        ("Hi ((first name))!", {"FIRST_name": "Ada"}, "Hi Ada!"),
        ("(((x)))", {"x": "1"}, "(1)"),
        ("((x))", {"x": "((y))", "y": "z"}, "((y))"),
        ("((x))", {"X": "first", "x": "last"}, "last"),
        ("((x))", {"x": "first", "X": None}, "((x))"),
        ("((x)) ((y??z??!))", {}, "((x)) ((y??z??!))"),
        ("((x))", {"x": ""}, ""),
        ("((x))((x))", {"x": 0}, "00"),
        ("((x))", {"x": False}, "False"),
        ("((x))", {"x": 1.5}, "1.5"),
        ("((x))", {"x": {"a": ["b"]}}, "{'a': ['b']}"),
        ("((x))", {"x": ["a", None, " \u200b", "b\u00a0c", 3]}, "a, bc and 3"),
        ("((x))", {"x": []}, ""),
        ("((tab\t))", {"tab": "no"}, "((tab\t))"),
    ],
)
def test_filling(source, values, filled):
    assert fill(source, values) == filled


@pytest.mark.parametrize("value", ["yes", "Y", "TRUE", "t", "1", "include", "Show", True, 1])
def test_conditional_text_is_shown(value):
    assert shows(value)
    assert fill("a((x?? b))c", {"x": value}) == "a bc"


@pytest.mark.parametrize(
    "value", ["no", "", "0", "on", " yes", "yes ", False, 0, 1.0, [True], ["yes"], {"a": 1}]
)
def test_conditional_text_is_hidden(value):
    assert not shows(value)
    assert fill("a((x?? b))c", {"x": value}) == "ac"


@pytest.mark.parametrize(
    ("source", "values", "filled"),
    [
        ("<b>((x))</b>", {"x": "<i>&"}, "&lt;b&gt;&lt;i&gt;&amp;&lt;/b&gt;"),
        ("((a&b))", {"a&b": "1"}, "1"),
        ("((a&b))", {"a&amp;b": "1"}, "1"),
        ("((<a>))", {}, "((&lt;a&gt;))"),
        ("&#40;&#40;x&#41;&#41;", {"x": "1"}, "1"),
        ("((x))", {"x": ["<", "&"]}, "&lt; and &amp;"),
        ("((x??<b>))", {"x": True}, "&lt;b&gt;"),
    ],
)
def test_filling_for_html_escapes_text_names_and_values(source, values, filled):
    assert fill(source, values, escape=True) == filled


def test_names_are_not_escaped_where_text_is_not():
    assert fill("((a&b))", {"a&amp;b": "1"}) == "((a&b))"


@pytest.mark.parametrize(
    ("items", "words", "bullets"),
    [
        (["a"], "a", "\n\n* a"),
        (["a", "b"], "a and b", "\n\n* a\n* b"),
        (["a", "b", "c"], "a, b and c", "\n\n* a\n* b\n* c"),
    ],
)
def test_lists_are_sentences_or_bullets(items, words, bullets):
    assert in_words(items) == words
    assert as_bullets(items) == bullets
    assert fill("x((l))", {"l": [*items, None]}, lists=as_bullets) == f"x{bullets}"


def test_missing_are_absent_and_null_but_not_empty_or_false():
    names = ["a b", "c", "d", "e", "f"]
    given_values = Personalisation({"A_B": None, "c": "", "d": 0, "e": False})
    assert missing_names(names, given_values) == ["a b", "f"]
    assert missing_message(["a b", "f"]) == "Missing personalisation: a b, f"


def test_additional_are_those_that_nobody_asks_for():
    assert additional_names(["a b"], Personalisation({"A-b": 1, "z": 1, "Y": None})) == ["Y", "z"]


def test_names_of_several_texts_come_in_the_order_of_the_texts():
    texts = map(PlaceholderText.parse, ["((B)) ((a))", "((A)) ((c))"])
    assert unique_names(texts) == ("B", "a", "c")


def test_a_text_keeps_its_source_and_is_equal_to_its_like():
    assert PlaceholderText.parse("a((b))").source == "a((b))"
    assert PlaceholderText.parse("a((b))") == PlaceholderText.parse("a((b))")


def nested(wrap):
    value = wrap("x")
    for _ in range(100_000):
        value = wrap(value)
    return value


@pytest.mark.parametrize(
    "make",
    [lambda: 10**5000, lambda: [10**5000], lambda: nested(lambda v: [v]), lambda: nested(lambda v: {"a": v})],
    ids=["number of 5,001 digits", "the same in a list", "deep list", "deep object"],
)
def test_values_that_python_cannot_write_are_refused(make):
    with pytest.raises(PersonalisationError, match="cannot be shown as text"):
        fill("((x))", {"x": make()})


@pytest.mark.parametrize("escape", [True, False])
@pytest.mark.parametrize(
    "value", ["x" * 1_000_000, ["x" * 1_000_000], {"x": "y" * 1_000_000}], ids=["text", "list", "object"]
)
def test_long_values_that_are_asked_for_again_and_again_are_refused_at_once(value, escape):
    with pytest.raises(PersonalisationError, match="too long"):
        fill("((x))" * 100_000, {"x": value}, escape=escape)


@pytest.mark.parametrize(
    "value", ["x" * 1_000_000, " " * 1_000_000, [None] * 1_000_000, ["\u200b"] * 100_000]
)
def test_long_values_of_which_nothing_is_shown_are_looked_at_once(value):
    assert fill("((x??y))" * 100_000, {"x": value}) == ""
    assert len(fill("((x))" * 15, {"x": value})) == 15 * len(value if isinstance(value, str) else "")


def test_values_may_fill_what_no_message_can_hold_but_not_much_more():
    assert len(fill("((x))((x))", {"x": "x" * 10_000_000})) == 20_000_000
    with pytest.raises(PersonalisationError, match="Your message is too long"):
        fill("((x))((x))!", {"x": "x" * 10_000_001})


@given(ANY_TEXT)
def test_folding_twice_changes_nothing_more(name):
    folded = fold(name)
    assert not set(folded) & set(" _-")
    assert fold(folded) == folded


@given(TEMPLATE_TEXT)
def test_what_is_not_filled_stays_as_it_was_written(source):
    assert fill(source, {}) == source
    assert fill(source, None) == source


@given(TEMPLATE_TEXT, PERSONALISATIONS, st.booleans())
def test_every_template_can_be_filled_with_every_json_object(source, values, escape):
    text = PlaceholderText.parse(source)
    personalisation = Personalisation(values)
    filled = text.fill(personalisation, escape=escape, lists=as_bullets)
    assert isinstance(filled, str)
    missing = missing_names(text.names, personalisation)
    assert set(missing) <= set(text.names)
    if not escape and not text.names:
        assert filled == source


@given(
    st.text(st.characters(exclude_characters="()")),
    st.text(st.characters(exclude_characters="()?"), min_size=1),
    ANY_TEXT,
)
def test_text_around_a_placeholder_is_kept_and_its_value_comes_in_unchanged(around, name, value):
    source = f"{around}(({name})){around}"
    assert fill(source, {name: value}) == f"{around}{value}{around}"


@given(ANY_TEXT)
def test_any_text_is_a_template(source):
    text = PlaceholderText.parse(source)
    assert len(text.literals) == len(text.placeholders) + 1
    assert fill(source, {}) == source


@pytest.mark.parametrize("pattern", NASTY)
def test_brackets_without_end_take_linear_time(pattern):
    assert_linear(lambda source: fill(source, {"a": "yes"}, escape=True), pattern, 100_000)


@pytest.mark.parametrize("pattern", ["a", " ", "_", "((x))", "<&>"])
def test_long_values_and_names_take_linear_time(pattern):
    assert_linear(lambda text: fill("((x))", {text: "", "x": text}, escape=True), pattern, 200_000)
