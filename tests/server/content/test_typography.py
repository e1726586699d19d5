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
SHORT = 50_000


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
        ("a''b a'''b", "a’‘b a’‘’b"),
        ("x's's' x' 's'", "x’s‘s’ x’ ‘s’"),
        ('\'! "! ("a" ["a {\'a', "‘! “! (“a” [“a {‘a"),
        ('a&mdash;\'b\'&ndash;"c" --"d"', "a&mdash;‘b’&ndash;“c” --“d”"),
        ("'!\\B \"a", "’!\\B “a"),
        ("'a\xa0'b\t'c", "‘a\xa0‘b\t‘c"),
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
        ("<a x>'a'</a>'b'", "<a x>'a'</a>‘b’"),
        ("</a>'a'<a>'b</b>'</A>'c'", "</a>‘a’<a>'b</b>'</A>‘c’"),
        ("<pre>'<a>'</pre>'</a>'</pre>'d'", "<pre>'<a>'</pre>'</a>'</pre>‘d’"),
    ],
)
def test_tags_links_and_code_keep_their_quotes(text, set_):
    assert set_typography(text) == set_


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("<!-- > 'a' --> 'b'", "<!-- > 'a' --> ‘b’"),
        ("<!--'a'--\n> 'b'", "<!--'a'--\n> ‘b’"),
        ("<!--> 'a' --> 'b'", "<!--> 'a' --> ‘b’"),
        ("<!---->'a'", "<!---->‘a’"),
        ("<!-- 'a'> 'b'", "<!-- 'a'> ‘b’"),
        ("<b c='x'> <!--'a' --b> 'c'", "<b c='x'> <!--‘a’ --b> ‘c’"),
        ("<!-- 'a' --> <b c='d'> 'e' <i 'f'", "<!-- 'a' --> <b c='d'> ‘e’ <i ‘f’"),
    ],
)
def test_comments_keep_their_quotes_and_broken_ones_make_the_rest_plain_text(text, set_):
    assert set_typography(text) == set_


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("'a' <b 'c'", "‘a’ <b ‘c’"),
        ("<b c='x'> 'a' <i 'c'", "<b c='x'> ‘a’ <i ‘c’"),
        ("<b c='x'>'a'<i c='y'>'d'< 'e'", "<b c='x'>‘a’<i c='y'>‘d’< ‘e’"),
        ("'a' > 'b'", "‘a’ > ‘b’"),
    ],
)
def test_a_tag_that_does_not_end_is_plain_text(text, set_):
    assert set_typography(text) == set_


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("<b>'</b>", "<b>‘</b>"),
        ("a<b>'</b>", "a<b>’</b>"),
        ('<b>"</b>', "<b>“</b>"),
        ('a<b>"</b>', "a<b>”</b>"),
        ("a <b>'</b>", "a <b>‘</b>"),
        ("ab<i></i><b>'</b>", "ab<i></i><b>’</b>"),
    ],
)
def test_a_quote_alone_between_tags_closes_if_something_is_right_before_it(text, set_):
    assert set_typography(text) == set_


@pytest.mark.parametrize(
    ("text", "set_"),
    [
        ("it's a'b@c'd it's", "it’s a'b@c'd it’s"),
        ("'a'@", "'a'@"),
        ("@'a' 'b'", "@'a' ‘b’"),
        ("'a'\n'b'@c\t'd'", "‘a’\n'b'@c\t‘d’"),
        ('"a@b" "c"', '"a@b" “c”'),
        ("<i>'a@b'</i> 'c'", "<i>'a@b'</i> ‘c’"),
        ("@@ 'a@' @", "@@ 'a@' @"),
    ],
)
@pytest.mark.parametrize("tags", [True, False])
def test_words_with_an_at_sign_keep_straight_quotes(text, set_, tags):
    assert set_typography(text, tags=tags) == set_


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
