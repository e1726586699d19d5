import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.characters import (
    ALL_WHITESPACE,
    EXTENDED_GSM,
    FULL_WIDTH,
    WELSH,
    ZERO_WIDTH,
    forcing_unicode,
    normalise_whitespace,
    replaced_by_question_mark,
    strip_obscure,
    tidy_punctuation,
    to_ascii,
    to_gsm,
)
from tests.support.linear_time import assert_linear

ANY_TEXT = st.text(st.characters())
EVERY_CHARACTER = "".join(map(chr, range(0x110000)))
GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("a\u00a0b", "ab"),
        ("\u200b\ufeff a\u2060b \u202f", "ab"),
        (" \t\n\r\v\f a b \f", "a b"),
        ("\u2028\u2029\u180e\u200c\u200d", ""),
        ("\u2003a", "\u2003a"),
    ],
)
def test_strip_obscure_deletes_hidden_characters_inside_too(text, stripped):
    assert strip_obscure(text) == stripped


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a\u00a0\u202fb", "a b"),
        ("a\u200bb", "ab"),
        ("  a \t b  ", "a b"),
        ("a\u2003\u3000b", "a b"),
        ("a\nb\x85c\x1fd", "a b c d"),
        ("\ufeff", ""),
    ],
)
def test_normalise_whitespace_leaves_single_spaces(text, normal):
    assert normalise_whitespace(text) == normal


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("a .", "a."),
        ("a \t ,b", "a,b"),
        (" .", "."),
        ("a\n.b", "a\n.b"),
        ("a\u00a0,b", "a\u00a0,b"),
        ("a !", "a !"),
        ("a . . ,", "a..,"),
        ("a  b .", "a  b."),
    ],
)
def test_tidy_punctuation_deletes_spaces_before_stops_and_commas(text, tidy):
    assert tidy_punctuation(text) == tidy


def test_every_character_of_a_text_message_can_be_sent():
    assert set(to_gsm(EVERY_CHARACTER)) <= set(GSM_BASIC + EXTENDED_GSM) | WELSH


@pytest.mark.parametrize(
    ("table", "allowed"), [(to_gsm, set(GSM_BASIC + EXTENDED_GSM) | WELSH), (to_ascii, set())]
)
def test_accents_are_dropped_wherever_unicode_defines_a_letter_without(table, allowed):
    """The table is made for a part of Unicode only; nothing outside that part may be missed."""
    plain = allowed or set(map(chr, range(0x20, 0x7F)))
    for character in EVERY_CHARACTER:
        decomposition = unicodedata.decomposition(character)
        if character in plain or not decomposition or decomposition.startswith("<"):
            continue
        base = chr(int(decomposition.split()[0], 16))
        assert table(character) == (base if base in plain else table(character)), hex(ord(character))


@pytest.mark.parametrize(
    ("text", "sent", "ascii_form"),
    [
        ("‘’‚ “”„ – — − ‑", "''' \"\"\" - - - -", "''' \"\"\" - - - -"),
        ("…", "...", "..."),
        ("\tx\u00a0y\u202fz\u200b", " x y z", " x y z"),
        ("Łł çÇ", "Ll cÇ", "Ll cC"),
        ("Ớ Ể ǖ", "? Ê ü", "? ? ?"),
        ("`~€", "?~€", "`~?"),
        ("😀\ud800", "??", "??"),
        ("ﬁ①", "??", "??"),
    ],
)
def test_what_cannot_be_sent_gets_its_plainer_form_or_a_question_mark(text, sent, ascii_form):
    assert to_gsm(text) == sent
    assert to_ascii(text) == ascii_form


def test_questions_marks_that_were_typed_are_not_counted_as_replaced():
    assert replaced_by_question_mark("what? 😀😀 `?`") == ["`", "😀"]


def test_letters_that_force_unicode_are_listed_once_as_they_appear():
    assert forcing_unicode("ŷ à ŵ ŷ é Ŷ") == ["ŷ", "ŵ", "Ŷ"]


@given(ANY_TEXT)
def test_text_without_hidden_characters_is_what_remains(text):
    assert not set(strip_obscure(text)) & set(ZERO_WIDTH + FULL_WIDTH)
    assert not set(normalise_whitespace(text)) & set(ZERO_WIDTH + FULL_WIDTH)
    assert strip_obscure(text) == strip_obscure(text).strip(ALL_WHITESPACE)


@given(ANY_TEXT)
def test_tidying_and_downgrading_twice_changes_nothing_more(text):
    for function in (strip_obscure, normalise_whitespace, tidy_punctuation, to_gsm, to_ascii):
        assert function(function(text)) == function(text)


@given(ANY_TEXT)
def test_only_spaces_and_tabs_are_lost_before_stops(text):
    tidy = tidy_punctuation(text)
    assert [c for c in tidy if c not in " \t"] == [c for c in text if c not in " \t"]
    assert not any(pair in tidy for pair in (" .", " ,", "\t.", "\t,"))


@pytest.mark.parametrize("pattern", [" ", " \t", " .", "a ", "e\u0301", "\u200b", "\u00a0", "😀", "."])
@pytest.mark.parametrize(
    "function", [strip_obscure, normalise_whitespace, tidy_punctuation, to_gsm, replaced_by_question_mark]
)
def test_whitespace_and_marks_without_end_take_linear_time(function, pattern):
    assert_linear(function, pattern, size=200_000)


def test_one_run_of_spaces_without_end_is_read_once():
    assert_linear(lambda text: tidy_punctuation(f" .{text}x"), " ")
