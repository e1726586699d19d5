import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.escaping import escape_html
from tests.support.linear_time import assert_linear


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<b>&</b>", "&lt;b&gt;&amp;&lt;/b&gt;"),
        ("&lt;b&gt;", "&lt;b&gt;"),
        ("&copy; &copy", "© &amp;copy"),
        ("&nbsp;&amp;", "&nbsp;&amp;"),
        ("&amp;lt;", "&amp;lt;"),
        ("\"quotes\" 'too'", "\"quotes\" 'too'"),
        ("➕🐦🥴 👾🐦🥴", "&amp; &nbsp;"),
        ("&#" + "1" * 5000 + ";", "&amp;#" + "1" * 5000 + ";"),
    ],
)
def test_markup_is_escaped_and_entities_are_read_first(text, escaped):
    assert escape_html(text) == escaped


@given(st.text(st.sampled_from("&<>;#xlt09gampnbs 👾🐦🥴➕é")))
def test_nothing_that_comes_out_is_markup(text):
    escaped = escape_html(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert html.unescape(escaped).count("<") <= text.count("<") + text.count("&")


@given(st.text(st.characters()))
def test_text_without_markup_is_left_alone(text):
    plain = text.translate(dict.fromkeys(map(ord, "&<>👾🐦🥴➕")))
    assert escape_html(plain) == plain


@pytest.mark.parametrize("pattern", ["&", "&#", "&#1", "<", "&amp;", "&a"])
def test_entities_that_never_end_take_linear_time(pattern):
    assert_linear(escape_html, pattern)
