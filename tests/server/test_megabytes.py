"""What callers may send in megabytes takes time in proportion to its length: 1, 2 and 4 MB of the worst there is."""

import gc
import time
from contextlib import suppress

import pytest

from pillarbox.content.characters import forcing_unicode
from pillarbox.content.emails import EmailTemplate
from pillarbox.content.emails_document import html_document
from pillarbox.content.letters import LetterTemplate, address_lines
from pillarbox.content.links import link_addresses
from pillarbox.content.placeholders import (
    Personalisation,
    PlaceholderText,
    additional_names,
    missing_names,
)
from pillarbox.content.sanitising import sanitise_value
from pillarbox.content.texts import TextTemplate
from pillarbox.content.typography_words import quoted_list
from pillarbox.recipients.comparison import allowed_to_send_to
from pillarbox.recipients.countries import find_country
from pillarbox.recipients.csv_text import CsvText, UnreadableCsv
from pillarbox.recipients.email_addresses import (
    InvalidEmailAddress,
    is_government_address,
    is_simulated,
    parse_email_address,
    sender_local_part,
)
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber
from pillarbox.recipients.postal_addresses import PostalAddress, normalised_to
from pillarbox.recipients.postcodes import format_postcode
from pillarbox.recipients.row_templates import LetterRows, TextRows
from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet
from pillarbox.recipients.tables import RecipientTable

MEGABYTE = 1_000_000
VALUES = Personalisation({"a": "yes"})
TEXT_ROWS = TextRows(TextTemplate("((a))"))
LETTER_ROWS = LetterRows(LetterTemplate("", "((a))"))
# Twice and four times as long, and as much again for caches that are too small and neighbours that are busy.
ALLOWED = {2: 4.0, 4: 8.0}
NOISE = 0.02

pytestmark = pytest.mark.slow


def fill(text):
    PlaceholderText.parse(text).fill(VALUES, escape=True)


def text_message(text):
    assert TextTemplate(text).render(VALUES, "Service").fragments >= 0


def email_html(text):
    EmailTemplate("", text).html(VALUES)


def email_plain(text):
    EmailTemplate("", text).plain(VALUES)


def email_preheader(text):
    EmailTemplate(text, text).preheader(VALUES)


def email_of_value(text):
    EmailTemplate("((a))", "((a))").html(Personalisation({"a": text}))


def email_subject(text):
    template = EmailTemplate(text, "")
    assert template.subject(VALUES) is not template.subject_html(VALUES)


def letter(text):
    LetterTemplate("", text).english.printed(VALUES)


def qr_code(text):
    assert LetterTemplate("", f"QR: x{text}").english.printed(VALUES).html


def letter_head(text):
    template = LetterTemplate(text, "", text)
    template.subject(VALUES)
    template.english.contact_block_html(VALUES)
    address_lines(Personalisation({"address line 1": text}), [])


def page(text):
    html_document(link_addresses(text), subject=text, preheader=text)


def replaced(text):
    TextTemplate(text).replaced_characters(VALUES, "Service")
    forcing_unicode(text)


def names(text):
    values = Personalisation({text: text})
    assert additional_names([text], values) == missing_names([text], values) == []
    quoted_list([text])


def guest(text):
    assert allowed_to_send_to(text, [text])


def kinds_of_email_address(text):
    assert is_simulated(text) == is_government_address(text)
    sender_local_part(text)


def where_letters_go(text):
    assert find_country(text) is format_postcode(text) is None
    assert PostalAddress.parse(f"A\nB\n{text}").as_personalisation
    normalised_to(text)


def spreadsheet(text):
    for template in (TEXT_ROWS, LETTER_ROWS):
        with suppress(UnreadableCsv, UnreadableSpreadsheet):
            RecipientTable(CsvText.of(f"phone number,postcode,a\n{text}"), template).summary()


def phone_number(text):
    with suppress(InvalidPhoneNumber):
        PhoneNumber.parse(text)


def email_address(text):
    with suppress(InvalidEmailAddress):
        parse_email_address("a@a" + text)


def postal_address(text):
    PostalAddress.parse(text).error(international_letters=True)


@pytest.mark.parametrize(
    ("work", "pattern"),
    [
        (fill, "(("),
        (fill, "((a??b))&lt;"),
        (text_message, "((a)) €"),
        (email_html, "a <b>&\n"),
        (email_html, "["),
        (email_plain, "<'\"&amp;"),
        (email_plain, "`[a](b "),
        (email_preheader, "* "),
        (email_preheader, "_"),
        (email_of_value, "((((a"),
        (email_of_value, "e\u0301"),
        (email_subject, "'\""),
        (email_subject, " ."),
        (letter, "****"),
        (letter, "- - -\n"),
        (qr_code, "&amp;-"),
        (letter_head, "((a)) \n"),
        (page, "a."),
        (page, "http://a.bc/("),
        (replaced, "😀 ,"),
        (names, "_- "),
        (sanitise_value, "a.bc.1."),
        (sanitise_value, "http://[]("),
        (guest, "+4"),
        (guest, "\u0301"),
        (kinds_of_email_address, "e\u0301. "),
        (where_letters_go, "England\n"),
        (where_letters_go, "SW1A"),
        (spreadsheet, ","),
        (spreadsheet, '"'),
        (spreadsheet, "a,\n"),
        (phone_number, "+0 "),
        (phone_number, "7"),
        (email_address, "a.-"),
        (email_address, "。"),
        (postal_address, "BFPO 1\n"),
        (postal_address, " ,"),
    ],
)
def test_four_megabytes_take_no_more_than_their_share(work, pattern):
    spent = {}
    for _ in range(3):
        spent = {size: cpu_seconds(work, pattern, size) for size in (1, 2, 4)}
        if all(spent[size] <= most * max(spent[1], NOISE) for size, most in ALLOWED.items()):
            return
    raise AssertionError(f"seconds by megabytes of {pattern!r}: {spent}")


def cpu_seconds(work, pattern, size):
    text = pattern * (size * MEGABYTE // len(pattern))
    gc.disable()  # a collection goes through all that the test run holds, which is not the work's doing
    start = time.process_time()
    try:
        work(text)
        return time.process_time() - start
    finally:
        gc.enable()
