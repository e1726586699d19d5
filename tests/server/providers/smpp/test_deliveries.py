"""What SMSCs bring, whoever wrote it and however badly."""

from contextlib import suppress

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.providers.smpp.deliveries import (
    PartNumber,
    UnreadableDeliveryError,
    kept_form,
    read_delivery,
    read_kept,
)
from pillarbox.providers.smpp.pdu import Pdu
from tests.support.linear_time import assert_linear


def raw(octets=b"Hello", **more):
    return smpp34.DeliverSm("447700900123", "447700900999", octets, sequence_number=7, **more).encode()


def delivery(octets=b"Hello", **more):
    return read_delivery(raw(octets, **more)[16:])


@given(
    octets=st.binary(max_size=254),
    esm_class=st.integers(0, 255),
    data_coding=st.integers(0, 255),
    values=st.lists(st.binary(max_size=40), max_size=4),
)
def test_what_others_write_is_read(octets, esm_class, data_coding, values):
    tlvs = [smpp34.Tlv(0x1400 + number, value) for number, value in enumerate(values)]
    read = delivery(octets, esm_class=esm_class, data_coding=data_coding, tlvs=tlvs, service_type="CMT")
    assert (read.source, read.destination) == ("447700900123", "447700900999")
    assert (read.octets, read.esm_class, read.data_coding) == (octets, esm_class, data_coding)
    assert read.parameters == {0x1400 + number: value for number, value in enumerate(values)}


@pytest.mark.parametrize(
    ("esm_class", "text", "receipt", "final"),
    [
        (0x00, True, False, False),
        (0x40, True, False, False),
        (0x03, True, False, False),
        (0x04, False, True, True),
        (0x44, False, True, True),
        (0x20, False, True, False),
        (0x08, False, False, False),
        (0x10, False, False, False),
    ],
)
def test_its_class_says_what_it_is(esm_class, text, receipt, final):
    read = delivery(esm_class=esm_class)
    assert (read.is_text, read.is_receipt, read.is_final) == (text, receipt, final)


@pytest.mark.parametrize(
    ("octets", "part", "text"),
    [
        ("050003 2a0201 4869", PartNumber(0x2A, 1, 2), "Hi"),
        ("060804 012a0202 4869", PartNumber(0x12A, 2, 2), "Hi"),
        ("0a0102ffff00030901014869", None, "i"),
        ("0a0104ffffffff00030903024869", None, "$Hi"),
        ("0b0504000100020003090302 4869", PartNumber(9, 2, 3), "Hi"),
        ("050003 2a0101 4869", None, "Hi"),
        ("050003 2a0203 4869", None, "Hi"),
        ("050003 2a0200 4869", None, "Hi"),
        ("050003", None, ""),
        ("ff0003 2a0201", PartNumber(0x2A, 1, 2), ""),
        ("05", None, ""),
        ("", None, ""),
    ],
)
def test_a_header_says_which_part_it_is(octets, part, text):
    read = delivery(bytes.fromhex(octets), esm_class=0x40)
    assert (read.part, read.text) == (part, text)


def test_parameters_may_say_which_part_it_is():
    tlvs = [
        smpp34.Tlv(smpp34.TLV_SAR_MSG_REF_NUM, b"\x01\x2a"),
        smpp34.Tlv(smpp34.TLV_SAR_TOTAL_SEGMENTS, b"\x02"),
        smpp34.Tlv(smpp34.TLV_SAR_SEGMENT_SEQNUM, b"\x01"),
    ]
    assert delivery(tlvs=tlvs).part == PartNumber(0x12A, 1, 2)
    assert delivery(tlvs=tlvs[:2]).part is None


def test_a_message_may_be_a_payload():
    tlvs = [smpp34.Tlv(smpp34.TLV_MESSAGE_PAYLOAD, b"Hello " * 1000)]
    assert delivery(b"", tlvs=tlvs).text == "Hello " * 1000


def test_a_broken_parameter_ends_the_parameters():
    assert read_delivery(raw()[16:] + bytes.fromhex("1400000161 1401ffff62")).parameters == {0x1400: b"a"}


def test_it_is_kept_word_for_word_but_for_its_number():
    pdu = Pdu(5, raw()[16:], sequence=7)
    assert kept_form(pdu) == raw()[:12] + bytes(4) + raw()[16:]
    assert read_kept(kept_form(pdu) * 3) == [read_delivery(pdu.body)] * 3


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(lambda body: Pdu(5, body).packed())))
def test_whatever_comes_is_read_or_found_unreadable(octets):
    with suppress(UnreadableDeliveryError):
        for one in read_kept(octets):
            assert isinstance(one.text, str)
            assert one.part is None or one.part.of > 1


@given(st.integers(0, 90), st.integers(0, 255))
def test_no_octet_of_a_good_one_can_trip_us_up(at, value):
    octets = bytearray(
        raw(bytes.fromhex("0500032a02014869"), esm_class=0x40, tlvs=[smpp34.Tlv(0x427, b"\x02")])
    )
    octets[at % len(octets)] = value
    with suppress(UnreadableDeliveryError):
        for one in read_kept(bytes(octets)):
            one.text.encode()
            assert one.part is None or one.part.of > 1


@pytest.mark.parametrize("cut", range(1, 16))
def test_half_a_packet_is_unreadable(cut):
    for whole in (raw(), raw(tlvs=[smpp34.Tlv(0x1400, b"a" * 20)])):
        with pytest.raises(UnreadableDeliveryError):
            read_kept(whole[:-cut])


@pytest.mark.parametrize("pattern", ["\x00\x03\x00", "\xff", "\0", "\x14\x00\x00\x00"])
def test_whatever_is_in_them_they_are_read_in_linear_time(pattern):
    def work(text):
        try:
            one = read_delivery(text.encode("latin-1"))
        except UnreadableDeliveryError:
            return None
        return one.part, one.text

    assert_linear(work, pattern)
