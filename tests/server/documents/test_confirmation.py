from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.documents.confirmation import ConfirmationAddressError, confirmation_address


@pytest.mark.parametrize(
    ("typed", "compared"), [("A@B.gov.uk", "a@b.gov.uk"), (" Amala@Example.com\u200b ", "amala@example.com")]
)
def test_addresses_are_compared_trimmed_and_in_lower_case(typed, compared):
    assert confirmation_address(typed) == compared


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "Confirmation email must be a string."),
        (None, "Confirmation email must be a string."),
        ("nobody", "Not a valid email address"),
        ("", "Not a valid email address"),
    ],
)
def test_what_is_no_address_is_refused(value, message):
    with pytest.raises(ConfirmationAddressError) as refused:
        confirmation_address(value)
    assert str(refused.value) == message


@given(st.text(st.characters()))
def test_any_text_is_an_address_or_is_refused(text):
    with suppress(ConfirmationAddressError):
        assert "@" in confirmation_address(text)
