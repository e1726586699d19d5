"""Email addresses: which are let through, and that nothing anybody types can break or stall the check."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillarbox.recipients import email_addresses
from pillarbox.recipients.email_addresses import InvalidEmailAddress, parse_email_address


def is_valid(text: str) -> bool:
    try:
        parse_email_address(text)
    except InvalidEmailAddress:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("  A.B@Service.Gov.UK\t", "A.B@Service.Gov.UK"),
        ("a@exam\u200bple.com", "a@example.com"),
        ("a\u00a0@example.com", "a@example.com"),
        ("a@café.fr", "a@café.fr"),
        ("a@example。com", "a@example。com"),
    ],
)
def test_an_address_is_given_back_as_typed_but_for_invisible_characters(text, address):
    assert parse_email_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "a",
            "a@b",
            "@example.com",
            "a@@example.com",
            "a b@example.com",
            "a..b@example.com",
            "a@.example.com",
        ),
        *(
            "a@example.com.",
            "a@example..com",
            "a@-example.com",
            "a@ex---ample.com",
            "a@example.c",
            "a@example.c1",
        ),
        *("a@exa_mple.com", "a@[127.0.0.1]", "é@example.com", "a@example.xn--", "a@" + "b" * 64 + ".com"),
        *("a" * 309 + "@example.com", "a@" + "b." * 130 + "com", "a@" + "é" * 60 + ".com"),
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InvalidEmailAddress) as refused:
        parse_email_address(text)
    assert refused.value.message == "Not a valid email address"
    assert refused.value.api_message == refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "a" * 308 + "@example.com",
        "a@" + "b." * 124 + "com",
        "a@example.xn--p1ai",
        "a@" + "b" * 63 + ".com",
        "a@1.com",
    ],
)
def test_addresses_just_within_the_limits_are_taken(text):
    assert is_valid(text)


def test_addresses_are_compared_in_lower_case_and_stored_as_typed():
    assert email_addresses.formatted(" A@Example.COM ") == "a@example.com"
    assert email_addresses.stored(" A@Example.COM ") == "A@Example.COM"


@pytest.mark.parametrize(
    ("text", "simulated"),
    [
        ("simulate-delivered@notifications.service.gov.uk", True),
        ("Simulate-Delivered-3@Notifications.service.gov.uk ", True),
        ("simulate-delivered-4@notifications.service.gov.uk", False),
    ],
)
def test_addresses_for_smoke_tests_are_known_in_any_case(text, simulated):
    assert email_addresses.is_simulated(text) is simulated


@pytest.mark.parametrize(
    ("text", "government"),
    [
        ("A@HMRC.gov.uk", True),
        ("a@nhs.net", True),
        ("a@notgov.uk", False),
        ("a@gov.uk.com", False),
        ("gov.uk", False),
    ],
)
def test_the_public_sector_is_known_by_its_domains(text, government):
    assert email_addresses.is_government_address(text) is government


@pytest.mark.parametrize(
    ("name", "local_part", "identifier"),
    [
        ("Tŷ’r Cyffredin", "tyr.cyffredin", "tyr-cyffredin"),
        ("  100% Legal!  ", "100.legal", "100-legal"),
        ("a . . b", "a.b", "a-b"),
        ("日本 語", "日本.語", "日本-語"),
        ("...", "", ""),
    ],
)
def test_names_become_local_parts_and_identifiers(name, local_part, identifier):
    assert email_addresses.sender_local_part(name) == local_part
    assert email_addresses.safe_id(name) == identifier


TYPED = st.text(st.sampled_from("aZ0@.-_ \u200b\u00adéßǅ．。xn㏂"), max_size=30)


@settings(max_examples=500, deadline=None)
@given(TYPED | st.emails() | st.text())
def test_any_text_is_an_address_or_refused(text):
    try:
        address = parse_email_address(text)
    except InvalidEmailAddress:
        return
    assert parse_email_address(address) == address
    assert len(address) <= 320


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_made_an_identifier(text):
    assert not set("@ \t\n") & set(email_addresses.sender_local_part(text) + email_addresses.safe_id(text))
    assert not email_addresses.is_government_address(text + "@")
    assert email_addresses.is_simulated(text) in {True, False}


@pytest.mark.parametrize(
    "unit", ["a", "@", ".", "a.", "-", "é", "\u0301", "\u200b", "xn--", "a@", " ", "\u3002", "\u00ad"]
)
def test_megabytes_of_anything_take_time_in_line_with_their_length(unit):
    text = "a@a" + unit * (1_000_000 // len(unit))
    started = time.process_time()
    assert not is_valid(text)
    email_addresses.safe_id(text[:200_000])
    assert time.process_time() - started < 3
