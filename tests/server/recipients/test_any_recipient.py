"""Whatever somebody types or uploads, what follows from it is known, and nothing breaks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillarbox.content.emails import EmailTemplate
from pillarbox.content.letters import LetterTemplate
from pillarbox.content.texts import TextTemplate
from pillarbox.recipients import email_addresses
from pillarbox.recipients.columns import Channel, Columns
from pillarbox.recipients.countries import Country, UnknownCountry, find_country
from pillarbox.recipients.csv_text import CsvText, UnreadableCsv
from pillarbox.recipients.international_rates import international_rates
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber
from pillarbox.recipients.postal_addresses import PostalAddress, normalised_to
from pillarbox.recipients.row_templates import EmailRows, LetterRows, TextRows
from pillarbox.recipients.rows import Permissions
from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet
from pillarbox.recipients.spreadsheets import as_csv
from pillarbox.recipients.tables import RecipientTable
from tests.server.recipients.test_spreadsheets import OLD_EXCEL, cells, damaged, excel, open_document

TEXT = st.text(st.characters())
NUMBERS = st.sampled_from(["+", "+44", "07", "+1", "+1876", "+33", "00", ""]).flatmap(
    lambda prefix: st.text("0123456789 -()", min_size=3, max_size=12).map(lambda rest: prefix + rest)
)
HEADERS = st.sampled_from(
    ["phone number", "Phone_Number", "email address", "postcode", "address line 1", "a", ""]
)
TEMPLATES = [
    TextRows(TextTemplate("Hello ((a))")),
    EmailRows(EmailTemplate("((a))", "Hello")),
    LetterRows(LetterTemplate("((a))", "Hello")),
]
CELLS = st.sampled_from(
    ["phone number", "email address", "reference", "a", "07400123456", "+33612345678", "a@b.uk", ""]
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4).map(",".join), max_size=6).map("\n".join)
WHOLE = {
    "a.xls": OLD_EXCEL,
    "a.xlsx": excel(["phone number", "a"], ["07400123456", "x"]),
    "a.ods": open_document(f"<table:table-row>{cells('phone number')}</table:table-row>"),
}


@settings(deadline=None)
@given(NUMBERS | TEXT, st.booleans(), st.booleans())
def test_a_number_has_a_price_or_no_permission(text, international, landlines):
    try:
        number = PhoneNumber.parse(text)
        number.check_permissions(international_sms=international, landlines=landlines)
    except InvalidPhoneNumber:
        return
    rate = international_rates()[number.country_prefix]
    assert number.rate_multiplier == (rate.multiplier if number.international else 1)
    assert number.delivery_receipts is rate.delivery_receipts
    assert number.numeric_sender_required is rate.numeric_sender_required
    assert number.crown_dependency is (number.international and number.is_uk_prefix)
    assert not (number.simulated and number.international)


@settings(deadline=None)
@given(TEXT)
def test_where_a_letter_goes_has_a_zone_and_a_form_to_be_searched_for(text):
    address = PostalAddress.parse(text)
    assert (address.postage_zone == "united-kingdom") is not address.international
    assert normalised_to(normalised_to(text)) == normalised_to(text) or not text.isascii()
    assert not any(character.isspace() for character in normalised_to(text))


@given(TEXT | st.sampled_from(["France", "the gambia", "UK", "deutschland"]))
def test_what_text_names_is_a_country_or_refused(text):
    country = find_country(text)
    if country is None:
        with pytest.raises(UnknownCountry):
            Country.parse(text)
        return
    assert Country.parse(text) == Country.parse(country.name) == country


@given(TEXT)
def test_what_is_stored_has_its_form_already(text):
    assert email_addresses.stored(email_addresses.stored(text)) == email_addresses.stored(text)


@given(st.lists(HEADERS | TEXT, max_size=10), st.sampled_from(Channel), st.lists(TEXT, max_size=3))
def test_any_header_can_be_compared_with_any_template(header, channel, placeholders):
    columns = Columns(header, channel, placeholders)
    assert set(columns.headers) <= set(header)
    assert set(columns.missing) <= {*placeholders, *channel.recipient_columns}
    assert set(columns.duplicate_recipients) <= set(header)
    assert columns.has_recipients or channel is not Channel.TEXT or "phone number" not in header


@settings(deadline=None)
@given(ROWS | TEXT, st.sampled_from(TEMPLATES), st.integers(0, 3), st.integers(-1, 3))
def test_a_spreadsheet_has_errors_if_anything_stands_in_its_way(text, template, messages, international):
    limits = Permissions(
        remaining_messages=messages,
        remaining_international_sms=international,
        max_rows=3,
        international_sms=True,
    )
    try:
        found = RecipientTable(CsvText.of(text), template, limits).summary()
    except UnreadableCsv:
        return
    assert found.too_many_rows is (found.row_count > 3)
    assert found.more_rows_than_can_send is (found.row_count > messages)
    assert found.more_international_sms_than_can_send is (
        found.international_sms_count > max(0, international)
    )
    assert found.has_errors or not (
        found.too_many_rows or found.more_rows_than_can_send or found.columns.missing
    )
    for row in found.displayed_rows:
        assert row.has_error >= (row.has_missing_data or row.has_bad_recipient)
        assert row.reference is None or row.reference == row.values["reference"]


@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize("name", WHOLE)
@given(share=st.floats(0, 1), damage=st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_refused(name, share, damage):
    whole = WHOLE[name]
    try:
        text = as_csv(name, damaged(whole, int(share * len(whole)), damage))
    except UnreadableSpreadsheet:
        return
    assert isinstance(text, str)
