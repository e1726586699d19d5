import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.characters import EXTENDED_GSM, UNICODE_ONLY
from pillarbox.content.placeholders import Personalisation
from pillarbox.content.texts import TEMPLATE_TOO_LONG, TextTemplate
from tests.support.linear_time import assert_linear

NOTHING = Personalisation()
ANY_TEXT = st.text(st.characters())
ORDINARY_TEXT = st.text(st.sampled_from("ab9 .,\n\t\u00a0\u200bŵé€^?😀‘(:"), max_size=40)


def render(content, values=None, prefix=None):
    return TextTemplate(content).render(Personalisation(values), prefix)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("  hello  ", "hello"),
        ("a \t.\n b ,", "a.\nb,"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\r\n\r\n\r\nb\x0cc", "a\n\nb\nc"),
        ("a\n \u200b\n\u00a0\nb", "a\n\nb"),
        ("‘Mae’r tŷ’ – ok…", "'Mae'r tŷ' - ok..."),
        ("😀 done", "? done"),
    ],
)
def test_text_is_tidied_and_encoded(content, body):
    message = render(content)
    assert (message.body, message.content, message.characters) == (body, body, len(body))


@pytest.mark.parametrize(
    ("prefix", "content", "sent", "characters"),
    [
        ("Ministry", "hello", "Ministry: hello", 5),
        (" Ministry ", "hello", "Ministry: hello", 3),
        (" Ministry ", "(hello)", "Ministry: (hello)", 5),
        ("Dot .", "hello", "Dot.: hello", 4),
        ("😀 Team", "hello", "? Team: hello", 5),
        ("Svc", " .", "Svc:.", 0),
        ("Svc", "\nhello", "Svc:\nhello", 5),
        ("Svc", "  hello", "Svc: hello", 5),
        ("Svc", "\u200bhello", "Svc: hello", 5),
        ("Svc", "日本", "Svc: ??", 2),
        ("Two\n\n\n\nlines", "x", "Two\n\nlines: x", 0),
        ("", "hello", "hello", 5),
        ("   ", "hello", ": hello", 2),
    ],
)
def test_the_services_name_is_sent_but_is_neither_shown_nor_counted(prefix, content, sent, characters):
    message = render(content, prefix=prefix)
    assert message.content == sent
    assert message.body == render(content).body
    assert message.characters == characters


@pytest.mark.parametrize(
    ("content", "values", "body"),
    [
        ("Hi ((name))", None, "Hi "),
        ("Hi ((name))", {}, "Hi "),
        (" ((name)) ((other)) .", None, " ."),
        ("Hi ((name))", {"other": 1}, "Hi ((name))"),
        ("Hi ((name)) ", {"name": ""}, "Hi"),
        ("Hi ((name))", {"name": ["a", "b"]}, "Hi a and b"),
    ],
)
def test_placeholders_vanish_without_any_value_and_stay_with_some(content, values, body):
    assert render(content, values).body == body


@pytest.mark.parametrize(
    ("content", "fragments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 918, 6),
        ("a" * 919, 7),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 158 + "^", 1),
        ("a" * 159 + "^", 2),
        ("a" * 69 + "ŵ", 1),
        ("a" * 70 + "ŵ", 2),
        ("a" * 133 + "ŵ", 2),
        ("a" * 134 + "ŵ", 3),
        ("€" * 69 + "ŵ", 1),
        ("é" * 160, 1),
        ("😀" * 160, 1),
    ],
)
def test_fragments(content, fragments):
    assert render(content).fragments == fragments


@pytest.mark.parametrize("character", EXTENDED_GSM)
def test_extended_characters_count_twice_in_fragments_but_once_towards_the_limit(character):
    message = render(character * 918)
    assert (message.units, message.characters, message.is_too_long) == (1836, 918, False)


@pytest.mark.parametrize("character", sorted(UNICODE_ONLY))
def test_welsh_letters_outside_gsm_make_a_message_unicode(character):
    assert render(f"a{character}").is_unicode
    assert not render("aàéèùìòÄÖÜäöüÉ€^ç").is_unicode


@pytest.mark.parametrize(
    ("length", "prefix", "above"), [(918, None, 0), (919, None, 1), (918, "Service", 0), (920, "Service", 2)]
)
def test_the_limit_leaves_out_the_services_name(length, prefix, above):
    message = render("a" * length, prefix=prefix)
    assert message.characters_above_limit == above
    assert message.is_too_long == (above > 0)


def test_callers_are_told_how_long_a_message_is():
    assert render("a" * 919, prefix="Service").too_long_message == (
        "Your message is too long. Text messages cannot be longer than 918 characters. "
        "Your message is 919 characters long."
    )


@pytest.mark.parametrize(
    ("content", "values", "prefix", "empty"),
    [
        ("((x))", {"x": ""}, None, True),
        ("((x))", {"x": "\u200b \n"}, "Svc", True),
        ("((x??text))", {"x": "no"}, "Svc", True),
        ("((x))", {"x": "."}, None, False),
        ("((x))", {"x": "a"}, "Svc", False),
    ],
)
def test_a_message_is_empty_if_nothing_but_the_services_name_is_left(content, values, prefix, empty):
    assert render(content, values, prefix).is_empty is empty


def test_a_template_knows_its_placeholders_and_what_is_missing():
    template = TextTemplate("((b)) ((A)) ((B)) ((c??x))")
    assert template.placeholders == ("b", "A", "c")
    assert template.missing(Personalisation({"a": "1", "C": None})) == ["b", "c"]


def test_characters_that_were_replaced_are_listed_with_those_of_the_services_name():
    assert TextTemplate("日 ((x)) ?").replaced_characters(Personalisation({"x": "`"}), "😀") == [
        "`",
        "日",
        "😀",
    ]
    assert TextTemplate("日 ((x)) ?").replaced_characters(NOTHING) == ["日"]


def test_people_are_told_when_a_template_is_too_long():
    assert TEMPLATE_TOO_LONG == "Content has a character count greater than the limit of 918"


@given(ORDINARY_TEXT, ORDINARY_TEXT)
def test_the_quick_way_to_put_the_name_in_front_gives_what_tidying_both_together_gives(prefix, content):
    together = render(f"{prefix.strip()}: {content}").body if prefix else render(content).body
    assert render(content, {"unused": 1}, prefix).content == together


@given(st.lists(st.sampled_from([*"a9 .,^ŵé\n\x1b\x1c-", "ab ", "c, ", "d. "])).map("".join))
def test_texts_that_are_fine_as_they_are_are_left_alone_and_no_others(content):
    """A name in front makes the text take the long way."""
    assert render(content, {"unused": 1}).body == render(f"-{content}", {"unused": 1}).body[1:].lstrip(" \n")


@given(ANY_TEXT, st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=3), st.none() | ANY_TEXT)
def test_any_text_can_be_rendered_and_counted(content, values, prefix):
    message = render(content, values, prefix)
    size, part = (70, 67) if message.is_unicode else (160, 153)
    expected = 1 if message.units <= size else math.ceil(message.units / part)
    assert message.fragments == expected
    assert message.characters <= len(message.content) <= message.units
    assert message.units_in_last_fragment <= message.units
    assert message.is_empty == (message.characters == 0)
    assert TextTemplate(content).replaced_characters(Personalisation(values), prefix) is not None


@pytest.mark.parametrize(
    "pattern",
    ["(", "((", "((a??", "((a))", " ", "\n", " .", "\u00a0", "\u200b", "e\u0301", "€", "ŵ", "\n ", "😀"],
)
def test_any_text_takes_linear_time(pattern):
    def work(content):
        return render(content, {"a": "x"}, "Service").fragments

    assert_linear(work, pattern, size=100_000)
