"""Packets as another library writes and reads them: ours are the same."""

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.providers.smpp.pdu import (
    Address,
    Command,
    FramingError,
    Pdu,
    bind,
    body_length,
    next_sequence,
    parameter,
    submit_sm,
    unpacked,
)

digits = st.text("0123456789", max_size=20)
octet = st.integers(0, 255)


@given(
    source=st.builds(Address, octet, octet, digits),
    destination=st.builds(Address, octet, octet, digits),
    octets=st.binary(max_size=160),
    data_coding=octet,
    esm_class=octet,
    receipt=st.booleans(),
    sequence=st.integers(1, 0x7FFF_FFFF),
    value=st.binary(max_size=300),
)
def test_others_read_the_texts_that_we_submit(
    *, source, destination, octets, data_coding, esm_class, receipt, sequence, value
):
    body = submit_sm(
        source, destination, octets, data_coding=data_coding, esm_class=esm_class, receipt=receipt,
        validity_period="000002000000000R", parameters=parameter(0x1400, value),
    )  # fmt: skip
    read = smpp34.decode(Pdu(Command.SUBMIT_SM, body, sequence=sequence).packed())
    assert (read.source_addr_ton, read.source_addr_npi, read.source_addr) == source
    assert (read.dest_addr_ton, read.dest_addr_npi, read.destination_addr) == destination
    assert (read.data_coding, read.esm_class, read.registered_delivery) == (data_coding, esm_class, receipt)
    assert (bytes(read.short_message), read.validity_period) == (octets, "000002000000000R")
    assert [(one.tag, bytes(one.value)) for one in read.tlvs] == [(0x1400, value)]
    assert read.sequence_number == sequence


def test_a_bind_is_as_the_specification_has_it():
    assert bind("esme", "secret", "VMS", "") == b"esme\0secret\0VMS\0\x34\0\0\0"


@pytest.mark.parametrize(
    "fields",
    [("a" * 16, "", "", ""), ("", "b" * 9, "", ""), ("", "", "c" * 13, ""), ("", "", "", "d" * 41), ("é", "", "", ""),
     ("a\0b", "", "", "")],
)  # fmt: skip
def test_what_does_not_fit_into_a_field_is_not_written(fields):
    with pytest.raises(ValueError, match="printable characters of ASCII"):
        bind(*fields)


@given(
    st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=100)
)
def test_packets_are_read_as_they_were_written(command, status, sequence, body):
    pdu = Pdu(command, body, status, sequence)
    header, rest = pdu.packed()[:16], pdu.packed()[16:]
    assert body_length(header) == len(rest)
    assert unpacked(header, rest) == pdu


@pytest.mark.parametrize("length", [0, 15, 70_001, 0xFFFF_FFFF])
def test_lengths_that_cannot_be_are_not_believed(length):
    with pytest.raises(FramingError):
        body_length(length.to_bytes(4, "big") + bytes(12))


def test_sequence_numbers_begin_again_after_the_last():
    assert [next_sequence(number) for number in (0, 1, 0x7FFF_FFFE, 0x7FFF_FFFF)] == [1, 2, 0x7FFF_FFFF, 1]
