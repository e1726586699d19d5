"""Whatever text comes in, the functions that no other property speaks of give text and no unexpected error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.characters import UNICODE_ONLY, forcing_unicode
from pillarbox.content.emails import SIZE_LIMIT, EmailTemplate, too_long_message
from pillarbox.content.emails_document import html_document
from pillarbox.content.letters import LetterTemplate, address_lines
from pillarbox.content.letters_dates import Language, letter_date
from pillarbox.content.letters_html import QrCodeTooLong
from pillarbox.content.links import link_addresses
from pillarbox.content.markdown_templates import MarkdownTemplate
from pillarbox.content.placeholders import (
    Personalisation,
    PlaceholderText,
    additional_names,
    as_bullets,
    as_written,
    in_words,
    missing_message,
    missing_names,
)
from pillarbox.content.texts import CHARACTER_LIMIT, TextTemplate
from pillarbox.content.typography_words import file_size, quoted_list
from pillarbox.content.unfilled import hidden, hidden_in_plain_text, marked, marked_without_brackets

TEXT = st.text(st.characters()) | st.lists(
    st.sampled_from([*"()?<>&'\"[]*_ \n.:/@a1", "((a))", "((B??c))", "a.bc", "http://", "e\u0301", "\u200b"]),
    max_size=30,
).map("".join)
VALUES = st.dictionaries(TEXT, TEXT | st.none(), max_size=3).map(Personalisation)


@given(TEXT)
def test_letters_that_force_unicode_are_those_of_the_text(text):
    found = forcing_unicode(text)
    assert set(found) == set(text) & UNICODE_ONLY
    assert len(found) == len(set(found))


@given(TEXT, TEXT, VALUES)
def test_an_email_knows_its_size_and_what_is_missing(subject, content, values):
    template = EmailTemplate(subject, content)
    assert set(template.missing(values)) <= set(template.placeholders)
    assert template.size(values) == len(template.body(values).encode("utf-8", "surrogatepass"))
    assert template.is_too_long(values) is (template.size(values) > SIZE_LIMIT)
    assert str(template.size(values)) in too_long_message(template.size(values))


@given(TEXT, TEXT, VALUES)
def test_a_page_holds_the_body_and_an_escaped_title(subject, content, values):
    body = EmailTemplate("", content).html(values)
    page = html_document(body, subject=subject)
    assert body in page
    assert page.count("</title>") == 1


@given(TEXT, VALUES)
def test_a_letter_knows_what_is_missing_and_shows_its_english_text(text, values):
    template = LetterTemplate(text, text, text, text, text)
    assert set(template.missing(values)) <= set(template.placeholders)
    assert set(template.english.missing(values)) <= set(template.english.placeholders)
    assert (template.subject(values), template.body(values)) == (
        template.english.subject(values),
        template.english.body(values),
    )


@given(VALUES, st.lists(TEXT, max_size=9))
def test_there_is_always_something_to_print_as_the_address(values, normalised):
    lines = address_lines(values, normalised)
    assert lines == normalised if 3 <= len(normalised) <= 7 else all(isinstance(line, str) for line in lines)


@given(st.datetimes(timezones=st.timezones()), st.sampled_from(Language))
def test_every_moment_has_a_date_of_three_words(moment, language):
    day, month, year = letter_date(moment, language).split()
    assert 1 <= int(day) <= 31
    assert month.isalpha()
    assert abs(int(year) - moment.year) <= 1


@given(TEXT)
def test_the_reason_for_a_long_qr_code_does_not_repeat_it(text):
    assert QrCodeTooLong(text, len(text)).message == "Cannot create a usable QR code - the link is too long"


@given(TEXT)
def test_links_add_nothing_but_themselves(text):
    plain = text.replace("<", "").replace(">", "")
    linked = link_addresses(plain)
    assert linked.count("<a ") == linked.count("</a>") == linked.count("<") / 2


@given(TEXT, TEXT, VALUES)
def test_what_comes_after_a_body_does(text, more, values):
    body = MarkdownTemplate(text).and_then(f"\n\n{more}")
    assert body.text.source == f"{text}\n\n{more}"
    assert isinstance(body.body(values), str)


@given(st.lists(TEXT, min_size=1))
def test_lists_show_all_their_items(items):
    assert all(item in in_words(items) and f"* {item}" in as_bullets(items) for item in items)
    assert len(quoted_list(items)) >= 2 * len(items)


@given(st.lists(TEXT), VALUES)
def test_a_name_is_missing_asked_for_or_additional(names, values):
    assert set(additional_names(names, values)) <= set(values.given)
    missing = missing_names(names, values)
    assert all(values.get(name) is None for name in missing)
    assert missing_message(missing) == "Missing personalisation: " + ", ".join(missing)


@given(TEXT, TEXT | st.none())
def test_a_text_says_how_far_it_is_above_the_limit(content, prefix):
    message = TextTemplate(content).render(Personalisation(), prefix)
    assert message.characters_above_limit == max(0, message.characters - CHARACTER_LIMIT)
    assert f"Your message is {message.characters} characters long." in message.too_long_message


@given(TEXT, VALUES)
def test_a_text_knows_what_is_missing(content, values):
    template = TextTemplate(content)
    assert template.body(values) == template.render(values).body
    assert set(template.missing(values)) == {n for n in template.placeholders if values.get(n) is None}


@given(st.integers(0, 10**15))
def test_every_size_has_a_unit(size):
    assert file_size(size).endswith(("KB", "MB"))


@pytest.mark.parametrize(
    "unfilled", [as_written, marked, marked_without_brackets, hidden, hidden_in_plain_text]
)
@given(source=TEXT)
def test_previews_of_any_template_have_no_markup_of_its_own(unfilled, source):
    shown = PlaceholderText.parse(source).fill(Personalisation(), escape=True, unfilled=unfilled)
    assert shown.count("<") == shown.count("<span class='placeholder") + shown.count("</span>")
