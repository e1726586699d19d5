from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.markdown import Look, show
from tests.support.linear_time import assert_linear

SMALL = 20_000
PIECES = [
    *"*-•+#^>[]()!<|:_`~\\'\"=a5\n\t", " ", "  ", "    ", "\n\n", "1.", "---", "```", "~~~", "](", "[k]", "[k]: u\n",
    "[a](b)", "![i](j)", "|-|-|\n", "http://x.yz", "<a@b>", "é", "\r\n", "\u2424", "\x0b",
]  # fmt: skip
MARKDOWN_LIKE_TEXT = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


class Sketch(Look):
    """The bare bones of HTML."""

    gap = line_break = "<br>"
    rule = "<hr>"
    angle_brackets = True

    def paragraph(self, text):
        return f"<p>{text}</p>"

    def heading(self, level, text):
        return f"<h{level + 1}>{text}</h{level + 1}>"

    def quote(self, inside):
        return f"<quote>{inside}</quote>"

    def list(self, *, ordered, items):
        tag = "ol" if ordered else "ul"
        return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"

    def link(self, text, target, title):
        hint = f' title="{title}"' if title else ""
        return f'<a href="{quote(target, safe=":/;")}"{hint}>{text or target}</a>'

    def address(self, address):
        return self.link(address, address, None)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# One\n## Two\n### Three", "<h2>One</h2><h3>Two</h3><p>Three</p>"),
        ("#\xa0x", "<h2>\xa0x</h2>"),
        ("##", "<h2>#</h2>"),
        ("# a ##", "<h2>a</h2>"),
        ("One\n===\n\nTwo\n---", "<h2>One</h2><h3>Two</h3>"),
        ("a\n---\n\n---", "<h3>a</h3><hr>"),
        ("Three\n-=-", "<h3>Three</h3>"),
        ("a\nb  \nc", "<p>a<br>b<br>c</p>"),
        ("a\n\nb\n\n\nc", "<p>a</p><p>b</p><p>c</p>"),
        ("a\n+ b", "<p>a</p><p>+ b</p>"),
        ("a\n> b", "<p>a</p><p>> b</p>"),
        ("a\n-b", "<p>a<br>-b</p>"),
        ("a\n• b", "<p>a<br>• b</p>"),
        ("a\n1. b", "<p>a</p><ol><li>b</li></ol>"),
        ("a\n# b", "<p>a</p><h2>b</h2>"),
        ("a\n***", "<p>a</p><hr>"),
        ("a\n^ b", "<p>a<br>^ b</p>"),
        ("a\n[k]: u\n[k]", '<p>a</p><p><a href="u">k</a></p>'),
        ("a\n[^1]: note", "<p>a</p><p>[^1]: note</p>"),
        ("a\n```\nb\n```\nc", "<p>a</p>b<p>c</p>"),
        ("a\n```\nb", "<p>a<br>```<br>b</p>"),
        ("a\n    b", "<p>a<br>    b</p>"),
        ("* a\n* b", "<ul><li>a</li><li>b</li></ul>"),
        ("*a\n*b", "<ul><li>a</li><li>b</li></ul>"),
        ("• a\n- b\n1. c", "<ul><li>a</li><li>b</li><li>c</li></ul>"),
        ("1. a\n* b", "<ol><li>a</li><li>b</li></ol>"),
        ("* a\n\n* b", "<ul><li><p> a</p></li><li><p> b</p></li></ul>"),
        ("*a\n\n*b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("* a\n\n\n* b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("* a\n\n  b\n* c", "<ul><li><p>a</p><br><p> b</p></li><li>c</li></ul>"),
        ("* a\n  * b\n    * c\n* d", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>"),
        ("* a\n ---\n* b", "<h3>* a</h3><ul><li>b</li></ul>"),
        ("* a\n[k]: u", "<ul><li>a</li></ul>"),
        ("* a\n\nb", "<ul><li>a</li></ul><p>b</p>"),
        ("* a\nb", "<ul><li>a<br>b</li></ul>"),
        ("  * a\n* b", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("* # a", "<ul><li># a</li></ul>"),
        ("* a\n  ===\n* b", "<h2>* a</h2><ul><li>b</li></ul>"),
        ("* ^ a\n  ^ b", "<ul><li><quote><p>a<br>b</p></quote></li></ul>"),
        ("* ```\n  x\n  ```\n* y", "<ul><li>x</li><li>y</li></ul>"),
        ("*", "<p>*</p>"),
        ("* ", "<ul><li></li></ul>"),
        ("1.\n\nx", "<ol><li><br><p>x</p></li></ol>"),
        ("^ a\n^ b", "<quote><p>a<br>b</p></quote>"),
        ("^ a\nb\n\n^ c\n\nd", "<quote><p>a<br>b</p><p>c</p></quote><p>d</p>"),
        ("^ # a\n* b", "<quote><h2>a</h2><ul><li>b</li></ul></quote>"),
        ("^^ a", "<quote><quote><p>a</p></quote></quote>"),
        ("^", "<p>^</p>"),
        ("```py\na *b*\n\n\n```\nc", "a *b*<p>c</p>"),
        ("~~~~\na\n~~~", "a"),
        ("~~~~py\na\n~~~", "a"),
        ("~~~~ py\na\n~~~", "<p>~~~~ py<br>a<br>~~~</p>"),
        ("~~~~~\na\n~~~", "a"),
        ("~~~\na\n```\nb\n~~~", "a\n```\nb"),
        ("````\na\n```", "<p>````<br>a<br>```</p>"),
        ("````\na\n`````", "a\n`"),
        ("````\na\n```\n\n\nb", "<p>````<br>a<br>```</p><p>b</p>"),
        ("```\na\n```b\n```", "a\n```b"),
        ("```\n\n```", "\n"),
        ("```\na\n~~~", "<p>```<br>a<br>~~~</p>"),
        ("~~~~\na\n~~~~\n~~~\nb", "a<p>~~~<br>b</p>"),
        ("* a\n  b\n\n  c", "<ul><li><p>a<br> b</p><br><p> c</p></li></ul>"),
        ("* a\n\n  ```\n  b\n  ```\n  c", "<ul><li><p>a</p><br> b<p> c</p></li></ul>"),
        ("``` a b\nc\n```", "<p>``` a b<br>c<br>```</p>"),
        ("    a\n\n    b\nc", "a\n\nb\n<p>c</p>"),
        ("```\na```", "a"),
        ("|a|b|\n|-|-|\n|1|2|\n\nc", "<p>c</p>"),
        ("a|b\n-|-\n1|2\nc", "<p>c</p>"),
        ("|a|\n|-|", "<p>|a|<br>|-|</p>"),
        ("[a](b)", '<p><a href="b">a</a></p>'),
        ('[a](b "t")', '<p><a href="b" title="t">a</a></p>'),
        ("[a]( b 't' )", '<p><a href="b" title="t">a</a></p>'),
        ("[a](b 't)", '<p><a href="b%20%27t">a</a></p>'),
        ("[a](<b c>)", '<p><a href="b%20c">a</a></p>'),
        ("[a](b(c)d)", '<p><a href="b%28c">a</a>d)</p>'),
        ("[a][k]\n\n[K]: u 'nope'", "<p>[a][k]</p><p>[K]: u 'nope'</p>"),
        ('[a][k]\n\n[K]: u "t"', '<p><a href="u" title="t">a</a></p>'),
        ("[k]\n\n[k]: <u>", '<p><a href="u">k</a></p>'),
        ("[a][k][b][l]\n\n[k]: u\n[l]: v", '<p><a href="u">a</a><a href="v">b</a></p>'),
        ("[a][m] [m]\n\n[k]: u", "<p>[a][m] [m]</p>"),
        ("[a\nb][k\nl]\n\n[k l]: u", '<p><a href="u">a<br>b</a></p>'),
        ("[a [b] c](d)", '<p><a href="d">a [b] c</a></p>'),
        ("[a](b) c](d)", '<p><a href="d">a](b) c</a></p>'),
        ("[a](b)[c](d)", '<p><a href="b">a</a><a href="d">c</a></p>'),
        (
            "[a [b](c) https://x.yz](d)",
            '<p><a href="d">a <a href="c">b</a> <a href="https://x.yz">https://x.yz</a></a></p>',
        ),
        ("[[a](b)", '<p>[<a href="b">a</a></p>'),
        ("[a]\n(b)", "<p>[a]<br>(b)</p>"),
        ("[a](b)[c](d)](e)", '<p><a href="b">a</a><a href="e">c](d)</a></p>'),
        ("[k]]\n\n[k]: u", '<p><a href="u">k</a>]</p>'),
        ("[\\*](b)" * 9, "<p>" + '<a href="b">*</a>' * 9 + "</p>"),
        ("[](b)", '<p><a href="b">b</a></p>'),
        ("![a](b)c", "<p>c</p>"),
        ("[![a](b)](c)", '<p><a href="c">c</a></p>'),
        ("[^a](b)", '<p><a href="b">^a</a></p>'),
        ("[a](b\n)", '<p><a href="b">a</a></p>'),
        ("\\[a](b)", "<p>[a](b)</p>"),
        ("[a](b\\)c)", '<p><a href="b%5C">a</a>c)</p>'),
        ("https://a.b.", '<p><a href="https://a.b">https://a.b</a>.</p>'),
        ("https://a", "<p>https://a</p>"),
        ("https://a.b;c", '<p><a href="https://a.b;c">https://a.b;c</a></p>'),
        ("(https://a.b)", '<p>(<a href="https://a.b">https://a.b</a>)</p>'),
        ("https://a.b/c_(d)", '<p><a href="https://a.b/c_%28d">https://a.b/c_(d</a>)</p>'),
        ("xhttps://a.b", '<p>x<a href="https://a.b">https://a.b</a></p>'),
        ("<https://a.b> <c@d> <e>", "<p>https://a.b c@d <e></p>"),
        ("[https://a.b](c)", '<p><a href="c">https://a.b</a></p>'),
        ("http://a.b\nc", '<p><a href="http://a.b">http://a.b</a><br>c</p>'),
        ("\\*a\\_ \\a \\\\ \\\n", "<p>*a_ \\a \\ \\</p>"),
        ("**a** _b_ `c` ~~d~~ <b>e</b>", "<ul><li><ul><li>a** _b_ `c` ~~d~~ <b>e</b></li></ul></li></ul>"),
        ("a\tb\r\nc\rd", "<p>a   b<br>c<br>d</p>"),
        ("a␤b", "<p>a<br>b</p>"),
        ("a &amp; b", "<p>a &amp; b</p>"),
    ],
)
def test_each_construct_is_read_as_recipients_see_it_today(text, shown):
    assert show(text, Sketch()) == shown


@pytest.mark.parametrize(("mark", "opening"), [("-", "<ul><li>"), ("^", "<quote>")])
def test_what_is_nested_deeper_than_seven_levels_is_shown_as_it_is_written(mark, opening):
    shown = show(mark * 9 + " x", Sketch())
    assert shown.count(opening) == 7
    assert f"{mark * 3} x" in shown


def test_links_in_texts_of_links_have_an_end():
    shown = show("[" * 50_000 + "a" + "](b)" * 50_000, Sketch())
    assert shown.count("<a ") == 7


@given(st.text(st.characters()) | MARKDOWN_LIKE_TEXT)
def test_any_text_can_be_shown(text):
    assert isinstance(show(text, Sketch()), str)


@given(st.lists(st.sampled_from(["a", "b c", "d.", "é", "(e)"]), min_size=1).map(" ".join))
def test_words_are_one_paragraph_and_nothing_of_them_is_lost(words):
    assert show(words, Sketch()) == f"<p>{words}</p>"


@given(MARKDOWN_LIKE_TEXT)
def test_blank_lines_at_the_end_make_no_difference(text):
    assert show(text + "\n\n", Sketch()) == show(text, Sketch())


@pytest.mark.parametrize(
    "pattern",
    [
        "****", "[", "(", "_", "- - - -", "`", "```\n", "```a\n", "~~~~a\n", "<", "<a@", " ", " \n", "> > > >",
        "^ ^ ^ ^", "^a\n\n", "1. ", "* a\n", "* a\n\n", "e\u0301", "http://x", "[a](b) ", "[a](b [", "[[x] ", '[a](x "',
        "[a](<b) ", "[a\n", "[a]: x y\n", "[^a\n", "](", "![", "a\n", "a\n=\n", "a|", "a|b\n-|-\n", "\\*", "# ", "\t",
        "]", "[^",
    ],
)  # fmt: skip
def test_time_grows_with_length_and_not_faster(pattern):
    assert_linear(lambda text: show(text, Sketch()), pattern, SMALL)


@pytest.mark.parametrize(
    ("pattern", "end"), [("[", "](x)"), ("<", ">"), ("[[x] ", "](x)"), ("[a\n", "]: x y"), ("    ", "x")]
)
def test_time_grows_with_length_even_if_the_end_gives_a_meaning_to_the_start(pattern, end):
    assert_linear(lambda text: show(f"a {text}{end}", Sketch()), pattern, SMALL)


@pytest.mark.parametrize("pattern", ["a", " ", "*", "=", "1", "(", "a b. "])
def test_long_texts_of_one_thing_are_no_burden(pattern):
    assert_linear(lambda text: show(text, Sketch()), pattern, 200_000)
