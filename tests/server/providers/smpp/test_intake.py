"""What an SMSC has brought is read later, by whoever gets it."""

from contextlib import suppress

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.messages.posts import (
    Caller,
    Incoming,
    Part,
    Post,
    UnauthorisedPostError,
    UnreadablePostError,
)
from pillarbox.providers.smpp.intake import CONTENT_TYPE, SmppIntake
from pillarbox.providers.smpp.options import Smsc

SMSC = Smsc(host="smsc.example.com", system_id="pillar", password="secret")
INTAKE = SmppIntake("smsc", SMSC)
JOINED = f"{CONTENT_TYPE}; joined"


def raw(octets=b"Hello", **more):
    return smpp34.DeliverSm("447700900123", "447700900999", octets, **more).encode()


def read(body, content_type=CONTENT_TYPE):
    return INTAKE.read(Post("smsc", "received_text", body, content_type))


def part(number, of, octets, reference=9, **more):
    return raw(bytes([5, 0, 3, reference, of, number]) + octets, esm_class=0x40, **more)


def test_a_text_is_from_a_phone_to_a_number():
    assert read(raw()) == [Incoming("447700900123", "447700900999", "Hello")]


def test_a_part_says_which_others_it_belongs_to():
    assert read(part(1, 2, b"Hel")) == [Part("447700900123 447700900999 9 2", 1, 2)]
    assert read(part(2, 2, b"lo")) == [Part("447700900123 447700900999 9 2", 2, 2)]


def test_parts_are_read_together():
    whole = part(1, 2, b"Caff\x05 ") + part(2, 2, b"\x01\x75", data_coding=8)
    assert read(whole, JOINED) == [Incoming("447700900123", "447700900999", "Caffé ŵ")]


@pytest.mark.parametrize(
    ("numbers", "content"), [((1, 3), "1[…]3"), ((2, 3), "[…]23"), ((1, 2), "12[…]"), ((2,), "[…]2[…]")]
)
def test_a_part_that_never_came_leaves_a_gap(numbers, content):
    whole = b"".join(part(number, 3, b"%d" % number) for number in numbers)
    assert read(whole, JOINED) == [Incoming("447700900123", "447700900999", content)]


def test_what_people_acknowledge_is_no_news():
    assert read(raw(esm_class=0x08)) == []


@pytest.mark.parametrize("body", [b"", b"nonsense", raw()[:-1], raw(b"stat:DELIVRD", esm_class=4)])
def test_what_cannot_be_read_says_why(body):
    with pytest.raises(UnreadablePostError) as caught:
        read(body)
    assert caught.value.mistakes


@given(
    st.binary(max_size=200),
    st.sampled_from([CONTENT_TYPE, JOINED]),
    st.binary(max_size=100),
    st.integers(0, 255),
)
def test_whatever_an_smsc_brings_is_read_or_found_unreadable(body, content_type, octets, esm_class):
    for one in (body, raw(octets, esm_class=esm_class)):
        with suppress(UnreadablePostError):
            assert len(read(one, content_type)) <= 1


def test_nobody_may_post_over_http_in_an_smsc_s_name():
    assert not INTAKE.takes("receipt")
    with pytest.raises(UnauthorisedPostError):
        INTAKE.authenticate(Post("smsc", "receipt", raw()), Caller("127.0.0.1"))
