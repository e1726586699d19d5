import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.typography import set_typography
from pillarbox.content.typography_words import file_size, quoted_list
from tests.support.linear_time import assert_linear

PIECES = [
    *"'\"-–—@<>&\\. ,\n\tas5(",
    "<a href='x'>",
    "</a>",
    "<!--",
    "-->",
    "<b>",
    "80s",
    "&#8217;",
    "'s",
    "é",
]
TYPED_TEXT = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
SHORT = 100_000


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ('it\'s "so"', "it’s “so”"),
        ("'a' \"b\"", "‘a’ “b”"),
        ("\"'a' b\"", "“‘a’ b”"),
        ("the '80s, x'80s", "the ‘80s, x’80s"),
        ("5' 10\"", "5’ 10”"),
        ("a's 's", "a’s ‘s"),
        ('("a") ["b"]', "(“a”) [“b”]"),
        ("\"\" ''", "“” ‘’"),
        ('""', "””"),
        ('a ""b', "a “”b"),
        ("&nbsp;'a", "&nbsp;‘a"),
        ("-'a' --'b'", "-‘a’ --‘b’"),
        ("\\\"a\\' \\- \\x", "&#34;a&#39; &#45; \\x"),
        ("&#8216;a&#8217;", "‘a’"),
        ("&quot;a&quot;", "&quot;a&quot;"),
    ],
)
def test_quotes_are_curled_as_readers_see_them_today(text, set_):
    assert set_typography(text) == set_
    assert set_typography(text, tags=False) == set_


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("<b>'a'</b> '", "<b>‘a’</b> ‘"),
        ("'<b>a</b>'", "‘<b>a</b>’"),
        ("<a href=\"x\">'a'</a> 'b'", "<a href=\"x\">'a'</a> ‘b’"),
        ("<PRE>'a'</PRE>", "<PRE>'a'</PRE>"),
        ("<code>'a <b>'b</b>'</code>'c'", "<code>'a <b>'b</b>'</code>‘c’"),
        ("a < 'b' > 'c'", "a < 'b' > ‘c’"),
        ("a <'b", "a <’b"),
        ("<!-- 'a' --> 'b'", "<!-- 'a' --> ‘b’"),
    ],
)
def test_tags_links_and_code_keep_their_quotes(text, set_):
    assert set_typography(text) == set_


def test_without_tags_a_less_than_sign_is_a_character_like_any_other():
    assert set_typography("a < 'b' > c", tags=False) == "a < ‘b’ > c"


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("a - b -- c --- d – e — f", "a – b – c – d – e – f"),
        ("a ---- b", "a ---- b"),
        ("a - - b", "a – - b"),
        ("a\n-\tb", "a – b"),
        ("a -b a- b -", "a -b a- b -"),
        ("a , b \t. c", "a, b. c"),
        ("it's o'neil@example.com's", "it’s o'neil@example.com's"),
        ("‘a’@b “c”", "'a'@b “c”"),
    ],
)
def test_dashes_spaces_and_addresses_are_set(text, set_):
    assert set_typography(text) == set_


@given(TYPED_TEXT)
def test_dashes_between_spaces_are_found_whatever_stands_around_them(text):
    words = re.sub("[^-–— \n\t]", "a", text)
    assert set_typography(words, tags=False) == re.sub(r"\s[-–—]{1,3}\s", " – ", words)


@given(TYPED_TEXT)
def test_apostrophes_come_out_the_same_with_and_without_the_short_cut(text):
    # Two apostrophes with an "s" between switch the short cut off; they stand apart, so they change nothing else.
    assert set_typography(text + "\n's'", tags=False).startswith(set_typography(text + "\n", tags=False)[:-1])


@given(st.text(st.characters()) | TYPED_TEXT, st.booleans())
def test_any_text_can_be_set(text, tags):
    assert isinstance(set_typography(text, tags=tags), str)


@pytest.mark.parametrize(
    "pattern", ["'\"", "a", " ", "<", "<!--", "<b>", "a@", " ,", " - ", "\\", "&", "it's ", "<a>", "--"]
)
def test_time_grows_with_length_and_not_faster(pattern):
    assert_linear(set_typography, pattern, SHORT)


@pytest.mark.parametrize(
    ("items", "options", "said"),
    [
        ([], {}, ""),
        (["a"], {}, "‘a’"),
        (["<b>", 2, "c"], {}, "‘&lt;b&gt;’, ‘2’ and ‘c’"),
        ([1, 2], {"before_each": "", "after_each": ""}, "1 and 2"),
        (["a"], {"prefix": "the column", "prefix_plural": "the columns"}, "the column ‘a’"),
        (["a", "b"], {"prefix": "the column", "prefix_plural": "the columns"}, "the columns ‘a’ and ‘b’"),
    ],
)
def test_lists_are_written_as_sentences_have_them(items, options, said):
    assert quoted_list(items, **options) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0.1KB"),
        (1536, "1.5KB"),
        (51_199, "5KB"),
        (51_200, "0.1MB"),
        (1_048_576, "1MB"),
        (2_097_152, "2MB"),
    ],
)
def test_sizes_of_files_are_rounded_the_way_people_are_shown_them(size, said):
    assert file_size(size) == said
