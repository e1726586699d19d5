"""Guest lists: recipients are the same however they are written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillarbox.recipients.comparison import allowed_to_send_to, format_recipient


@pytest.mark.parametrize(
    ("recipient", "allowed"),
    [
        ("07911 123456", "+44 (0)7911-123456"),
        ("A@Example.com ", "a@example.COM"),
        ("not a recipient", "not a recipient"),
    ],
)
def test_a_recipient_is_allowed_however_it_is_written(recipient, allowed):
    assert allowed_to_send_to(recipient, ["someone@else.com", allowed])


@pytest.mark.parametrize(
    ("recipient", "allowed"), [("07911 123456", "07911 123457"), ("nope", "Nope"), ("a@b.com", "")]
)
def test_others_are_not(recipient, allowed):
    assert not allowed_to_send_to(recipient, [allowed])
    assert not allowed_to_send_to(recipient, [])


@settings(deadline=None)
@given(st.text() | st.emails())
def test_any_text_is_the_same_as_itself(text):
    assert allowed_to_send_to(text, [text])
    assert allowed_to_send_to(format_recipient(text), [text.lower(), format_recipient(text)])
