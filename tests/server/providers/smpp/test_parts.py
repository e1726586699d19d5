"""Long texts are divided where phones can put them together again, and into as many parts as they are billed as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.characters import SENDABLE
from pillarbox.content.texts import TextMessage
from pillarbox.providers.smpp.alphabet import decode
from pillarbox.providers.smpp.parts import HEADER_INDICATOR, parts_of

CHARACTERS = sorted(SENDABLE - {"\x1b"})


def without_header(part):
    return part.octets[part.octets[0] + 1 :] if part.esm_class & HEADER_INDICATOR else part.octets


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("a" * 160, [160]),
        ("a" * 161, [153, 8]),
        ("a" * 306, [153, 153]),
        ("a" * 307, [153, 153, 1]),
        ("€" * 80, [160]),
        ("€" * 81, [152, 10]),
        ("a" * 152 + "€" * 10, [152, 20]),
        ("ŵ" * 70, [140]),
        ("ŵ" * 71, [134, 8]),
        ("ŵ" * 66 + "👍" * 4, [132, 16]),
        ("", [0]),
    ],
)
def test_a_text_is_divided_between_characters(text, lengths):
    assert [len(without_header(part)) for part in parts_of(text, 7)] == lengths


def test_each_part_says_which_it_is_in_a_header():
    first, last = parts_of("a" * 161, 0x1234)
    assert (first.octets[:6], last.octets[:6]) == (b"\x05\x00\x03\x34\x02\x01", b"\x05\x00\x03\x34\x02\x02")
    assert {first.esm_class, last.esm_class} == {HEADER_INDICATOR}


def test_each_part_says_which_it_is_in_parameters():
    first, last = parts_of("a" * 161, 0x51234, "sar")
    assert first.octets + last.octets == b"a" * 161
    assert first.parameters == bytes.fromhex("020c00021234 020e000102 020f000101")
    assert last.parameters == bytes.fromhex("020c00021234 020e000102 020f000102")
    assert (first.esm_class, last.esm_class) == (0, 0)


def test_the_smsc_may_be_left_to_divide_it():
    (part,) = parts_of("a" * 161, 7, "payload")
    assert (part.octets, part.parameters) == (b"", b"\x04\x24\x00\xa1" + b"a" * 161)
    (short,) = parts_of("a" * 160, 7, "payload")
    assert (short.octets, short.parameters) == (b"a" * 160, b"")


@given(
    st.text(st.sampled_from(CHARACTERS), max_size=918),
    st.integers(min_value=0),
    st.sampled_from(["udh", "sar"]),
)
def test_phones_put_together_what_was_divided(text, reference, way):
    parts = parts_of(text, reference, way)
    assert "".join(decode(without_header(part), part.data_coding) for part in parts) == text
    assert max(len(part.octets) for part in parts) <= 160


@given(st.text(st.sampled_from(CHARACTERS), max_size=918))
def test_there_are_as_many_parts_as_are_billed(text):
    """But for characters of two places, which are not divided: they may make a part more necessary."""
    billed = TextMessage(text, text, len(text)).fragments
    wide = sum(character in "^{}\\[~]|€" for character in text)
    assert billed <= len(parts_of(text, 1)) <= billed + (wide > 0)


def test_what_cannot_be_numbered_is_refused():
    assert len(parts_of("a" * 153 * 255, 1)) == 255
    with pytest.raises(ValueError, match="255 parts"):
        parts_of("a" * (153 * 255 + 1), 1)
