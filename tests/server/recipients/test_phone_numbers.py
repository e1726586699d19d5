"""Phone numbers: what is let through, what it costs, and that the short way gives what the long way gives."""

import time

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from pillarbox.recipients import numbering
from pillarbox.recipients.numbering import UnusableNumberError
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber

REGIONS = [(code, region) for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() for region in regions]
PREFIXES = ("+44", "0044", "44", "0", "", "+", "00", "+1", "+7", "+390", "+44 0", "440")


def sendable(text: str) -> numbering.Number | None:
    try:
        return numbering.sendable(text)
    except UnusableNumberError:
        return None


def refusal(text: str) -> InvalidPhoneNumber | None:
    try:
        PhoneNumber.parse(text)
    except InvalidPhoneNumber as error:
        return error
    return None


def agrees(text: str) -> bool:
    quickly = numbering.plain(text)
    return quickly is None or quickly == sendable(text)


@st.composite
def typed_numbers(draw):
    code, region = draw(st.sampled_from([*REGIONS, *[(44, "GB")] * 40]))
    metadata = PhoneMetadata.metadata_for_region(region)
    kind = draw(st.sampled_from(["general_desc", "mobile", "fixed_line", "premium_rate", "uan", "voip"]))
    numbers = metadata and getattr(metadata, kind)
    pattern = (numbers and numbers.national_number_pattern) or "[0-9]{9}"
    national = draw(st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    prefix = draw(st.sampled_from([f"+{code}", f"00{code}", str(code), "0", ""]))
    return prefix + draw(st.sampled_from(["", " ", "-"])).join([national[:4], national[4:7], national[7:]])


@settings(max_examples=400, deadline=None)
@given(typed_numbers())
def test_the_short_way_gives_what_the_library_gives(text):
    assert agrees(text)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(PREFIXES), st.text("0123456789", min_size=6, max_size=12), st.sampled_from(["", " ", "-"])
)
def test_the_short_way_gives_what_the_library_gives_for_any_digits(prefix, digits, separator):
    assert agrees(prefix + separator + digits)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 10**9 - 1))
def test_the_short_way_takes_every_uk_mobile_that_the_library_takes(digits):
    text = f"07{digits:09}"
    assert numbering.plain(text) == sendable(text)


@pytest.mark.parametrize(("code", "region"), REGIONS)
def test_example_numbers_of_every_region_are_read_alike(code, region):
    for kind in range(11):
        example = phonenumbers.example_number_for_type(region, kind)
        if example:
            assert agrees(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))


@pytest.mark.parametrize(
    "text",
    [
        "07911123456",
        "07911 123456",
        "+447911123456",
        "+44 7911 123 456",
        "447911123456",
        "7911123456",
        "+33612345678",
    ],
)
def test_usual_spellings_go_the_short_way(text):
    assert numbering.plain(text) is not None


@pytest.mark.parametrize(
    ("text", "code", "message", "api_message"),
    [
        ("", "too_short", "Mobile number is too short", "Not enough digits"),
        ("0712345678901", "too_long", "Mobile number is too long", "Too many digits"),
        (
            "07911 12345x",
            "unknown_character",
            "Mobile numbers can only include: 0 1 2 3 4 5 6 7 8 9 ( ) + -",
            "Must not contain letters or symbols",
        ),
        (
            "0800 111 111",
            "invalid_number",
            "Number is not valid – double check the phone number you entered",
            "Number is not valid – double check the phone number you entered",
        ),
    ],
)
def test_a_refusal_has_a_text_for_people_and_one_for_the_api(text, code, message, api_message):
    error = refusal(text)
    assert error is not None
    assert (error.code, error.message, error.api_message) == (code, message, api_message)
    assert str(error) == message


@pytest.mark.parametrize(
    "text", ["0+44(0)7700900100", "0000007700900100", "+07700 900100", "07700–900–100", "44(0)7700900100"]
)
def test_stray_zeros_pluses_and_dashes_are_forgiven(text):
    assert PhoneNumber.parse(text).normalised == "447700900100"


@pytest.mark.parametrize(
    ("text", "international", "crown_dependency", "multiplier", "prefix"),
    [
        ("07700900123", False, False, 1, "44"),
        ("07624 600123", True, True, 2, "44"),
        ("07700 300123", False, False, 1, "44"),
        ("+1 876 210 1234", True, False, 7, "1876"),
        ("+1 202 555 0104", True, False, 1, "1"),
        ("+688901234", True, False, None, "688"),
    ],
)
def test_the_price_follows_from_the_country(text, international, crown_dependency, multiplier, prefix):
    number = PhoneNumber.parse(text)
    assert (number.international, number.crown_dependency) == (international, crown_dependency)
    assert (number.rate_multiplier, number.country_prefix) == (multiplier, prefix)


@pytest.mark.parametrize(
    ("text", "international_sms", "landlines", "code"),
    [
        ("07400 623456", False, False, None),
        ("07781 123456", False, False, None),
        ("0161 496 0001", True, False, "not_a_uk_mobile"),
        ("0161 496 0001", False, True, None),
        ("+33612345678", False, True, "not_a_uk_mobile"),
        ("+33123456789", True, False, None),
        ("+688901234", True, True, "unsupported_country_code"),
        ("+688901234", False, True, "not_a_uk_mobile"),
    ],
)
def test_permissions_of_a_service_decide_where_it_may_send(text, international_sms, landlines, code):
    number = PhoneNumber.parse(text)
    if code is None:
        number.check_permissions(international_sms=international_sms, landlines=landlines)
        return
    with pytest.raises(InvalidPhoneNumber) as refused:
        number.check_permissions(international_sms=international_sms, landlines=landlines)
    assert refused.value.code == code


def test_people_may_be_told_to_dial_short_numbers_but_not_emergency_numbers():
    assert PhoneNumber.parse("111", service_contact=True).normalised == "44111"
    with pytest.raises(InvalidPhoneNumber) as refused:
        PhoneNumber.parse("999", service_contact=True)
    assert refused.value.code == "unsupported_emergency_number"


TYPED = st.text(st.sampled_from("0123456789 +-()\u00a0\u200b\n–x٣"), max_size=40)


@settings(max_examples=500, deadline=None)
@given(TYPED | st.text(), st.booleans())
def test_any_text_is_a_number_or_refused(text, service_contact):
    try:
        number = PhoneNumber.parse(text, service_contact=service_contact)
    except InvalidPhoneNumber:
        return
    assert number.normalised.isdecimal()
    assert number.human_readable
    if not service_contact:
        assert PhoneNumber.parse("+" + number.normalised) == number


@pytest.mark.parametrize("unit", ["0", "7", " ", "+", "-", "(", "\u200b", "\u0301", "–", "0 ", "٣", "x"])
def test_megabytes_of_anything_take_time_in_line_with_their_length(unit):
    text = unit * (1_000_000 // len(unit)) + "x"
    started = time.process_time()
    assert refusal(text) is not None
    assert time.process_time() - started < 3
