from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.letters import LetterTemplate, address_lines
from pillarbox.content.letters_dates import Language, letter_date
from pillarbox.content.letters_html import QrCodeTooLong
from pillarbox.content.placeholders import Personalisation
from tests.support.linear_time import assert_linear

NOTHING = Personalisation()
MARKED = "<span class='placeholder-no-brackets'>address line {}</span>"


def printed(content, values=None):
    return LetterTemplate("Subject", content).english.printed(Personalisation(values))


def test_placeholders_are_listed_from_the_head_of_the_letter_down():
    template = LetterTemplate("((d))", "((e)) ((A))", "((a))", "((b))", "((c))")
    assert template.placeholders == ("a", "b", "c", "d", "e")
    assert template.missing(Personalisation({"B": "", "c": None, "e": 0})) == ["a", "c", "d"]


def test_without_welsh_there_are_english_pages_only():
    template = LetterTemplate("((a))", "b", welsh_subject="((c))")
    assert template.pages == (template.english,)
    assert template.placeholders == ("a",)


def test_welsh_pages_come_first_and_callers_see_the_english_text():
    template = LetterTemplate("Bill & <x>", "Dear ((name))", None, "Bil", "Annwyl ((name))")
    values = Personalisation({"name": "Jo"})
    assert [page.body(values) for page in template.pages] == ["Annwyl Jo", "Dear Jo"]
    assert (template.subject(values), template.body(values)) == ("Bill &amp; &lt;x&gt;", "Dear Jo")
    assert not template.is_empty(values)


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("# a\n## b\n\nc\nd", "<h2>a</h2>\n<p>b</p><p>c<br>d</p>"),
        ("##", "<h2>#</h2>\n"),
        ("a\n\n## \xa0", "<p>a</p>"),
        ("* a\n* b\n\n\n1. c", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol>\n<li>c</li>\n</ol>\n"),
        ("^ a", "<p>a</p>"),
        ("[a](b.c)", "<p>[a](b.c)</p>"),
        ('[a][k]\n\n[k]: b.c "d"', "<p>[a](b.c “d”)</p>"),
        ("https://a.b/c", "<p><strong data‑original‑protocol='https://'>a.b/c</strong></p>"),
        ("a-b - c", "<p>a‑b – c</p>"),
        ("a\n\n---\n\nb", '<p>a</p><div class="page‑break">&nbsp;</div><p>b</p>'),
        ("<b> & 'c'", "<p>&lt;b&gt; &amp; ‘c’</p>"),
        ("GOV.UK\u2028", "<p>GOV.UK\u2028</p>"),
    ],
)
def test_paper_has_a_look_of_its_own(content, html):
    assert printed(content).html == html


@pytest.mark.parametrize(
    ("content", "payloads"),
    [
        ("QR: https://a.b/c-d", ["https://a.b/c-d"]),
        ("qr :x\n\n^ QR:'y' - z", ["x", "'y' - z"]),
        ("QR: a\nb", ["a<br>b"]),
        ("QR: https://a.b?c=d&e=f", ["https://a.b?c=d&e=f"]),
        ("QR:", []),
        ("a QR: b", []),
        ("* QR: a", []),
        ("# QR: a", []),
    ],
)
def test_a_paragraph_can_ask_for_a_qr_code(content, payloads):
    body = printed(content)
    assert body.qr_payloads == payloads
    places = [f"<p><div class='qrcode'>{{QR{number}}}</div></p>" for number in range(1, len(payloads) + 1)]
    assert all(place in body.html for place in places)
    assert body.html.count("qrcode") == len(payloads)


def test_nobody_can_write_the_place_of_a_qr_code():
    body = printed("<qr0> <div class='qrcode'>{QR1}</div>\n\nQR: a")
    assert body.html.count("<div class='qrcode'>") == 1


def test_a_qr_code_without_its_value_is_shown_as_a_placeholder():
    body = printed("QR: ((a))\n\nQR: b")
    assert "qrcode-placeholder" in body.html
    assert body.qr_payloads == ["b"]


@pytest.mark.parametrize(("size", "too_long"), [(504, None), (505, QrCodeTooLong("x" * 505, 505, 504))])
def test_a_qr_code_holds_504_bytes(size, too_long):
    assert printed("QR: ((a))", {"a": "x" * size}).qr_code_too_long == too_long


def test_the_size_of_a_qr_code_is_that_of_the_escaped_text():
    too_long = printed("QR: a\n\nQR: ((a))", {"a": "&" * 101}).qr_code_too_long
    assert too_long == QrCodeTooLong("&amp;" * 101, 505, 504)
    assert too_long.message == "Cannot create a usable QR code - the link is too long"


def test_the_contact_block_is_plain_lines():
    template = LetterTemplate("", "", " Parks <b> \n\n ((street)) .\n")
    assert template.english.contact_block_html(Personalisation({"street": "1 & 2"})) == (
        "Parks &lt;b&gt;<br><br>1 &amp; 2."
    )


@pytest.mark.parametrize("count", [3, 7])
def test_a_normalised_address_of_three_to_seven_lines_is_printed(count):
    lines = [str(number) for number in range(count)]
    assert address_lines(NOTHING, lines) == lines


@pytest.mark.parametrize("normalised", [[], ["a", "b"], ["a"] * 8])
def test_any_other_address_is_shown_as_it_was_given(normalised):
    values = Personalisation({"Address Line 1": "<a>", "postcode": "N1"})
    missing = [MARKED.format(number) for number in range(2, 7)]
    assert address_lines(values, normalised) == ["&lt;a&gt;", *missing, "N1"]


def test_an_address_that_is_missing_is_marked_line_by_line():
    assert address_lines(NOTHING, []) == [MARKED.format(number) for number in range(1, 8)]


@pytest.mark.parametrize(
    ("made", "english", "welsh"),
    [
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "1 March 2026", "1 Mawrth 2026"),
        (datetime(2026, 6, 30, 22, 59, 59, tzinfo=UTC), "30 June 2026", "30 Mehefin 2026"),
        (datetime(2026, 6, 30, 23, tzinfo=UTC), "1 July 2026", "1 Gorffennaf 2026"),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "31 December 2026", "31 Rhagfyr 2026"),
        (datetime(2026, 8, 1, 3, tzinfo=timezone(timedelta(hours=9))), "31 July 2026", "31 Gorffennaf 2026"),
    ],
)
def test_the_date_is_that_of_london(made, english, welsh):
    assert letter_date(made) == english
    assert letter_date(made, Language.WELSH) == welsh


def test_every_month_has_its_name():
    dates = [datetime(2026, month, 1, 12, tzinfo=UTC) for month in range(1, 13)]
    english = " ".join(letter_date(date).split()[1] for date in dates)
    welsh = " ".join(letter_date(date, Language.WELSH).split()[1] for date in dates)
    assert english == (
        "January February March April May June July August September October November December"
    )
    assert welsh == "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr"


@given(st.text(st.characters()), st.text(st.characters()))
def test_any_letter_can_be_printed(content, value):
    values = Personalisation({"a": value})
    text = LetterTemplate(content, content + "((a))", content, content, content).english
    assert isinstance(text.printed(values).html, str)
    for part in (text.subject, text.body, text.contact_block_html):
        assert isinstance(part(values), str)


@pytest.mark.parametrize("pattern", ["QR: a\n\n", "-", "qr ", "http://xy ", "<strong ", "* a\n", " ", "# "])
def test_time_grows_with_length_and_not_faster(pattern):
    assert_linear(printed, pattern, 10_000)
