"""Postal addresses: how they are put in order, and why letters cannot go to some of them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillarbox.content.placeholders import PersonalisationError
from pillarbox.recipients.countries import Country, UnknownCountry, find_country
from pillarbox.recipients.postal_addresses import PostalAddress, normalised_to
from pillarbox.recipients.postcodes import format_postcode


def lines_of(text: str) -> list[str]:
    return list(PostalAddress.parse(text).normalised_lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (" A  Person ,\n\n1 High St , Town\nsw1a1aa", ["A Person", "1 High St, Town", "SW1A 1AA"]),
        ("A\nB\nSW1A 1AA\nEngland", ["A", "B", "SW1A 1AA"]),
        ("A\nB\nC\nDeutschland", ["A", "B", "C", "Germany"]),
        ("A\nBFPO 57\nB Company\nBF1 3AA", ["A", "B Company", "BF1 3AA", "BFPO 57"]),
        ("A\nB\nBFPO", ["A", "B", "BFPO"]),
        ("England\nA\nB\nSW1A 1AA\nUK", ["England", "A", "B"]),
        ("", [""]),
        ("UK", []),
    ],
)
def test_lines_are_tidied_and_put_in_the_order_of_printing(text, lines):
    assert lines_of(text) == lines


@pytest.mark.parametrize(
    ("text", "international_letters", "code", "api_message"),
    [
        ("A\nB\nSW1A 1AA", False, None, None),
        ("A\nB\nFrance", True, None, None),
        ("", True, "address-is-empty", "Address must be at least 3 lines"),
        ("A\nSW1A 1AA", True, "not-enough-address-lines", "Address must be at least 3 lines"),
        (
            "A\nB\nC\nD\nE\nF\nG\nSW1A 1AA",
            True,
            "too-many-address-lines",
            "Address must be no more than 7 lines",
        ),
        (
            "A\n-\nSW1A 1AA",
            True,
            "invalid-address-line-1-or-2",
            "The first 2 lines of the address must both include at least one alphanumeric character",
        ),
        (
            "A\nB\nBFPO 1\nFrance",
            True,
            "has-country-for-bfpo-address",
            "The last line of a BFPO address must not be a country.",
        ),
        (
            "A\nB\nC",
            True,
            "not-a-real-uk-postcode-or-country",
            "Last line of address must be a real UK postcode or another country",
        ),
        ("A\nB\nC", False, "not-a-real-uk-postcode", "Must be a real UK postcode"),
        ("A\nB\nFrance", False, "cant-send-international-letters", "Must be a real UK postcode"),
        (
            "A\n~B\nSW1A 1AA",
            False,
            "invalid-char-in-address",
            "Address lines must not start with any of the following characters: @ ( ) = [ ] ” \\ / , < >",
        ),
        ("A\nnfa\nSW1A 1AA", False, "no-fixed-abode-address", "Must be a real address"),
        ("A\nc/o No Fixed  Abode\nSW1A 1AA", False, "no-fixed-abode-address", "Must be a real address"),
    ],
)
def test_an_address_is_good_or_has_one_reason_why_not(text, international_letters, code, api_message):
    error = PostalAddress.parse(text).error(international_letters=international_letters)
    assert (error and error.code, error and error.api_message) == (code, api_message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "You need to add a recipient address."),
        ("A\nSW1A 1AA", "The address must be at least 3 lines long."),
        ("A\nB\nC\nD\nE\nF\nG\nSW1A 1AA", "The address must be no more than 7 lines long."),
        ("A\n-\nSW1A 1AA", "The first 2 lines must both include at least one alphanumeric character."),
        ("A\nB\nBFPO 1\nFrance", "The last line of a BFPO address must not be a country."),
        ("A\nB\nC", "The last line of the address must be a real UK postcode."),
        ("A\nB\nFrance", "You do not have permission to send letters to other countries."),
        (
            "A\n~B\nSW1A 1AA",
            "Address lines must not start with any of the following characters: @ ( ) = [ ] ” \\ / , < > ~",
        ),
        ("A\nnfa\nSW1A 1AA", "Enter a real address."),
    ],
)
def test_people_are_told_in_their_own_words_why_an_address_is_none(text, message):
    error = PostalAddress.parse(text).error(international_letters=False)
    assert (error.message, str(error)) == (message, message)


def test_people_who_may_write_abroad_are_told_of_postcodes_and_countries():
    error = PostalAddress.parse("A\nB\nC").error(international_letters=True)
    assert error.message == "The last line of the address must be a UK postcode or another country."


def test_line_7_wins_over_the_postcode_if_it_is_there_at_all():
    values = {"address_line_1": "A", "address_line_2": 2, "address_line_3": None, "postcode": "SW1A 1AA"}
    assert PostalAddress.from_personalisation(values).normalised_lines == ("A", "2", "SW1A 1AA")
    assert PostalAddress.from_personalisation(values | {"address_line_7": ""}).normalised_lines == ("A", "2")


def test_an_address_line_that_is_a_number_of_thousands_of_digits_is_refused():
    with pytest.raises(PersonalisationError):
        PostalAddress.from_personalisation({"address_line_1": 10**5000})


def test_lines_have_the_names_that_letters_use():
    names = PostalAddress.parse("A\nBFPO 57\nBF1 3AA").as_personalisation
    assert names["address_line_1"] == "A"
    assert names["address_line_6"] == names["postcode"] == "BF1 3AA"
    assert names["address_line_7"] == "BFPO 57"
    assert names["address_line_2"] == ""


def test_letters_are_searched_for_without_white_space_and_capitals():
    assert normalised_to("A Person\n1 Street\nSW1A 1AA") == "aperson1streetsw1a1aa"


@pytest.mark.parametrize(
    ("text", "name", "zone"),
    [
        ("Jersey", "United Kingdom", "united-kingdom"),
        ("côte d’ivoire", "Ivory Coast", "rest-of-world"),
        ("Trinidad + Tobago", "Trinidad and Tobago", "rest-of-world"),
        ("Almaen", "Germany", "europe"),
        ("日本", "Japan", "rest-of-world"),
    ],
)
def test_countries_are_known_in_many_spellings(text, name, zone):
    assert Country.parse(text) == Country(name, zone)


@pytest.mark.parametrize("text", ["", "Narnia", "France 75001", "F" * 5000])
def test_what_is_no_country_is_refused(text):
    with pytest.raises(UnknownCountry) as refused:
        Country.parse(text)
    assert refused.value.code == "unknown_country"


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("sw1a1aa", "SW1A 1AA"),
        (" s w\u200b1a 1\u00a0aa", "SW1A 1AA"),
        ("ZZ1 1AA", None),
        ("GIR 0AA", None),
        ("", None),
    ],
)
def test_postcodes_get_capitals_and_one_space(text, postcode):
    assert format_postcode(text) == postcode


PIECES = st.sampled_from(
    ["A", "1 St", "BFPO 57", "BFPO", "UK", "Wales", "France", "SW1A 1AA", "nfa", ",", "", "~x"]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=10).map("\n".join) | st.text(), st.booleans())
def test_any_text_is_an_address_with_or_without_an_error(text, international_letters):
    address = PostalAddress.parse(text)
    error = address.error(international_letters=international_letters)
    assert (error is None) <= (3 <= address.line_count <= 7)
    assert set(address.as_personalisation.values()) <= {"", *address.normalised_lines}
    assert "\n" not in address.single_line


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_country_and_a_postcode_or_not(text):
    assert find_country(text) is None or find_country(text).name
    postcode = format_postcode(text)
    assert postcode is None or format_postcode(postcode) == postcode


@pytest.mark.parametrize(
    "unit", ["A\n", "UK\n", "France\n", "1", " ", ",", " ,", "BFPO 1\n", "BFPO 1", "\u0301", ".", "\u200b"]
)
def test_megabytes_of_anything_take_time_in_line_with_their_length(unit):
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    assert PostalAddress.parse(text).error(international_letters=True) is not None
    assert find_country(text) is None
    assert format_postcode(text) is None
    assert time.process_time() - started < 6
