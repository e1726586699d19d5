"""Characters as octets, and back, whatever alphabet a phone or an SMSC says it uses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.characters import EXTENDED_GSM, GSM_BASIC, SENDABLE, WELSH
from pillarbox.providers.smpp.alphabet import decode, encode
from tests.support.linear_time import assert_linear


@pytest.mark.parametrize(
    ("text", "coding", "octets"),
    [
        ("Hello", 0, b"Hello"),
        ("@£$_", 0, b"\x00\x01\x02\x11"),
        ("é à Ø Å\n", 0, b"\x05 \x7f \x0b \x0e\n"),
        ("^{}\\[~]|€", 0, b"\x1b\x14\x1b(\x1b)\x1b/\x1b<\x1b=\x1b>\x1b@\x1be"),
        ("a\x1bb", 0, b"a b"),
        ("ŵ", 8, b"\x01\x75"),
        ("€ŵ", 8, b"\x20\xac\x01\x75"),
        ("👍", 8, b"\xd8\x3d\xdc\x4d"),
        ("", 0, b""),
    ],
)
def test_a_text_is_in_the_alphabet_of_gsm_unless_a_character_needs_another(text, coding, octets):
    assert encode(text) == (coding, octets)


def test_every_character_that_can_be_sent_has_octets():
    codings = {character: encode(character)[0] for character in SENDABLE}
    assert {character for character, coding in codings.items() if coding} == WELSH - set(GSM_BASIC)
    assert len({encode(character)[1] for character in GSM_BASIC + EXTENDED_GSM if character != "\x1b"}) == 136


@given(st.text(st.sampled_from(sorted(SENDABLE - {"\x1b"}))))
def test_phones_read_what_was_meant(text):
    coding, octets = encode(text)
    assert decode(octets, coding) == text


@given(st.text(st.characters()))
def test_any_text_has_octets(text):
    encode(text)


@pytest.mark.parametrize(
    ("octets", "coding", "text"),
    [
        (b"\x00\x01\x02", 0, "@£$"),
        (b"\x1be\x1b<", 0, "€["),
        (b"\x1b\n", 0, "\f"),
        (b"a\x1bAb", 0, "aAb"),
        (b"a\x1b\x1bA", 0, "a A"),
        (b"a\x1b", 0, "a "),
        (b"caf\xe9", 0, "café"),
        (b"Hi@", 1, "Hi@"),
        (b"caf\xe9", 1, "caf�"),
        (b"caf\xe9", 3, "café"),
        (b"\x01\x75\x20\xac", 8, "ŵ€"),
        (b"\xd8\x3d\xdc\x4d", 8, "👍"),
        (b"\xd8\x3d\x00a", 8, "�a"),
        (b"\x00a\x00", 8, "a�"),
        (b"\x00\x01", 0xF0, "@£"),
        (b"caf\xe9", 0xF5, "café"),
        (b"\x01\x75", 0x18, "ŵ"),
        (b"\x00", 0x10, "@"),
        (b"a\x00b", 3, "ab"),
        (b"\x00", 0xC0, "@"),
    ],
)
def test_what_others_send_is_read_by_its_coding(octets, coding, text):
    assert decode(octets, coding) == text


@given(st.binary(), st.integers(0, 255))
def test_any_octets_of_any_coding_can_be_stored_as_text(octets, coding):
    text = decode(octets, coding)
    assert "\0" not in text
    text.encode()


@pytest.mark.parametrize("pattern", ["a", "\x1b", "\x1be", "\x1b\x1b "])
def test_long_messages_are_read_in_linear_time(pattern):
    assert_linear(lambda text: decode(text.encode("latin-1"), 0), pattern)
