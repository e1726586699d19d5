import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.emails import SIZE_LIMIT, EmailTemplate, too_long_message
from pillarbox.content.emails_document import Branding, contrast, html_document
from pillarbox.content.placeholders import Personalisation, PersonalisationError
from tests.support.linear_time import assert_linear

NOTHING = Personalisation()
ANY_TEXT = st.text(st.characters())
HOSTILE_PIECES = [
    *"<>\"'&()[]*#^- \n",
    "script",
    "](",
    "javascript:",
    " onclick=",
    "&lt;",
    "&#60;",
    "((a))",
    "http://x.y",
]
HOSTILE_TEXT = st.lists(st.sampled_from(HOSTILE_PIECES), max_size=30).map("".join)
STYLE = re.compile(r' style="[^"]*"')


def email(content, values=None, subject="Subject"):
    return EmailTemplate(subject, content), Personalisation(values)


class Tags(HTMLParser):
    """The elements of a page, and whether they are closed as they were opened."""

    def __init__(self, page):
        super().__init__()
        self.seen, self.open = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("br", "hr", "img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_placeholders_of_the_subject_come_first_each_once():
    template, values = email("((b)) ((a))", {"B": 1}, subject="((A)) ((c??x))")
    assert template.placeholders == ("A", "c", "b")
    assert template.missing(values) == ["A", "c"]


def test_a_subject_is_one_line_set_with_care():
    template, values = email("", {"name": "<Jo>\nBloggs", "list": ["a", "b"]}, '((name))\'s  ((list)) - "x"')
    assert template.subject(values) == "<Jo> Bloggs’s a and b – “x”"
    assert template.subject_html(values) == "&lt;Jo&gt; Bloggs’s a and b – “x”"


def test_callers_are_shown_the_markdown():
    template, values = email("\n# Hi ((name))\n((list))\n ", {"name": "<b>", "list": ["x", None, " "]})
    assert template.body(values) == "# Hi <b>\n\n\n* x"


@pytest.mark.parametrize("content", ["", "((a))", "((a))((b??x))"])
def test_an_email_of_blank_placeholders_is_empty(content):
    template, values = email(content, {"a": " ", "b": "no"})
    assert template.is_empty(values)


@pytest.mark.parametrize("content", [" ", "\n\n", "((a)).", "# ((a))", "((b))"])
def test_any_other_email_is_not(content):
    template, values = email(content, {"a": "", "b": 0})
    assert not template.is_empty(values)


def test_size_is_counted_in_bytes_once_filled():
    template, values = email(" é((a)) ", {"a": "x" * 10})
    assert template.size(values) == 12
    assert not template.is_too_long(values)


@pytest.mark.parametrize(("size", "too_long"), [(SIZE_LIMIT, False), (SIZE_LIMIT + 1, True)])
def test_the_limit_is_two_million_bytes(size, too_long):
    template, values = email("((a))", {"a": "x" * size})
    assert template.is_too_long(values) == too_long
    assert too_long_message(2_000_001) == (
        "Your message is too long. Emails cannot be longer than 2000000 bytes. Your message is 2000001 bytes."
    )


def test_html_carries_its_look_in_style_attributes():
    template, values = email('# A\n## B\nc https://d.ef\n\n* g\n\n^ h\n\n---\n[i](j "k\'")')
    page = template.html(values)
    assert STYLE.sub("", page) == (
        '<h2>A</h2><h3>B</h3><p>c <a href="https://d.ef">https://d.ef</a></p>'
        '<table role="presentation"><tr><td><ul><li>g</li></ul></td></tr></table>'
        "<div><blockquote><p>h</p></blockquote></div><hr>"
        '<p><a href="http://j" title="k\'">i</a></p>'
    )
    assert all("style" in attributes for tag, attributes in Tags(page).seen if tag not in ("table", "tr"))


def test_every_text_of_a_fragment_is_at_least_16_pixels_tall():
    template, values = email("# a\n## b\nc\n\n* d\n\n\n1. e\n\n^ f")
    sizes = [int(size) for size in re.findall(r"font-size: (\d+)px", template.html(values))]
    assert min(sizes) >= 16
    assert len(sizes) == 6


def test_plain_text_has_everything_that_html_shows():
    template, values = email('# A\n## B\nc <d> & "e"\n\n1. f\n1. g\n\n^ h\n\n---\n[i](https://j.kl "m")')
    rule = ("=-" * 33)[:65]
    assert template.plain(values) == (
        f"A\n{'=' * 65}\n\n\nB\n{'-' * 65}\n\nc <d> & “e”\n\n1. f\n2. g\n\nh\n\n{rule}\n\ni (m): https://j.kl\n"
    )


def test_inboxes_show_the_first_words_alone():
    template, values = email("# A\n\n---\n\n* b\n\n[c](https://d.ef) ![g](h) 1 < 2 " + "word " * 100)
    preheader = template.preheader(values)
    assert preheader.startswith("A • b c 1 &lt; 2 word word")
    assert len(preheader) == 256


def test_the_link_to_unsubscribe_comes_last_and_only_where_it_is_sent():
    template, values = email("Hi")
    link = "https://example.com/u?a=1&b=2"
    assert template.plain(values, link).endswith(f"\n\nUnsubscribe from these emails: {link}\n")
    assert 'href="https://example.com/u?a=1&amp;b=2"' in template.html(values, link)
    assert "nsubscribe" not in template.html(values) + template.body(values) + template.preheader(values)


def test_text_above_the_link_to_unsubscribe_is_what_it_is_without():
    template, values = email("1 < 2 & ((a))", {"a": "<b> ➕🐦🥴"})
    link = "https://example.com/u"
    assert template.plain(values, link).startswith(template.plain(values).rstrip())
    assert template.html(values, link).startswith(template.html(values))


def test_markdown_in_values_is_read_too():
    template, values = email("((a))", {"a": "# b\n\n[c](d.ef)"})
    assert STYLE.sub("", template.html(values)) == '<h2>b</h2><p><a href="http://d.ef">c</a></p>'


def test_a_value_that_cannot_be_text_is_refused_by_every_part():
    value = []
    value.append(value)
    template, values = email("((a))", {"a": [10**5000]}, subject="((a))")
    for part in (template.subject, template.body, template.html, template.plain, template.preheader):
        with pytest.raises(PersonalisationError):
            part(values)


@given(ANY_TEXT | HOSTILE_TEXT, ANY_TEXT | HOSTILE_TEXT)
def test_any_email_can_be_rendered(content, value):
    template, values = email(content, {"a": value}, subject=content)
    assert template.plain(values).endswith("\n")
    for part in (template.subject, template.subject_html, template.body, template.html, template.preheader):
        assert isinstance(part(values), str)
    assert template.is_empty(values) in (True, False)


@given(HOSTILE_TEXT, HOSTILE_TEXT)
def test_no_text_and_no_value_can_add_elements_or_attributes(content, value):
    template, values = email(content, {"a": value})
    page = Tags(template.html(values))
    allowed = {"p", "h2", "h3", "table", "tr", "td", "ul", "ol", "li", "div", "blockquote", "hr", "br", "a"}
    assert {tag for tag, _ in page.seen} <= allowed
    attributes = {name for _, given in page.seen for name in given}
    assert attributes <= {"style", "href", "title", "role"}
    assert not page.open
    assert all(a.get("href", "http:").startswith(("http", "mailto:")) for tag, a in page.seen if tag == "a")


@pytest.mark.parametrize(
    "pattern", ["<", "'\"", "&", "&amp;", "* a\n\n", "gov.uk ", "\u2028", "((a))", "@", "a\n"]
)
@pytest.mark.parametrize("part", [EmailTemplate.html, EmailTemplate.plain, EmailTemplate.preheader])
def test_time_grows_with_length_and_not_faster(part, pattern):
    assert_linear(lambda text: part(EmailTemplate("", text), NOTHING), pattern, 10_000)


def test_a_document_is_one_page_with_title_preheader_and_body():
    template, values = email("Hi <b>", subject="A & B")
    page = html_document(template.html(values), subject="A & B", preheader="1 &lt; 2", language="cy")
    tags = Tags(page)
    assert page.startswith("<!DOCTYPE html>")
    assert not tags.open
    assert tags.seen[0] == ("html", {"lang": "cy", "dir": "auto"})
    assert "<title>A &amp; B</title>" in page
    assert page.index("1 &lt; 2") < page.index("Hi &lt;b&gt;</p>")
    assert "img" not in {tag for tag, _ in tags.seen}


def test_a_document_hides_its_preheader_and_keeps_the_body_out_of_it():
    page = html_document("<p>x</p>", subject="", preheader="Hello")
    hidden = re.search(r'<div style="display: none;[^>]*>Hello((?:&[^;]+;)+)</div>', page)
    # Inboxes show some 110 characters.
    assert len(re.findall("&[^;]+;", hidden[1])) >= 110
    assert "nbsp" not in html_document("<p>x</p>", subject="")


def test_a_document_reads_well_in_the_dark_and_in_outlook():
    page = html_document("<p>x</p>", subject="")
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page
    assert page.count("<!--[if mso]>") == 3
    assert contrast("#f3f2f1", "#121314") > 4.5
    assert contrast("#8ec1f0", "#121314") > 4.5
    assert contrast("#0b0c0c", "#ffffff") > 4.5
    assert contrast("#1d70b8", "#ffffff") > 4.5


def test_branding_shows_the_name_and_the_logo():
    branding = Branding("<Parks> & Co", "https://example.com/logo.png?a=1&b=2", "#ffdd00")
    tags = Tags(page := html_document("", subject="", branding=branding))
    assert "&lt;Parks&gt; &amp; Co" in page
    assert ("https://example.com/logo.png?a=1&b=2", "") in [
        (a.get("src"), a.get("alt")) for _, a in tags.seen
    ]


@given(st.integers(0, 0xFFFFFF))
def test_the_name_can_be_read_on_a_band_of_any_colour(number):
    branding = Branding("x", colour=f"#{number:06x}")
    assert contrast(branding.ink, branding.colour) >= 4.5


@pytest.mark.parametrize(
    "options", [{"colour": "red"}, {"colour": "#fff;x: y"}, {"logo_url": "http://a.b/c.png"}]
)
def test_branding_refuses_what_would_not_show(options):
    with pytest.raises(ValueError, match=r"Not a colour|https"):
        Branding("x", **options)
