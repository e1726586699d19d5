"""SMPP's packets, the protocol data units: how they are framed and what we write into them (SMPP 3.4, 3.2 and 4)."""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

_HEADER = struct.Struct("!IIII")
HEADER_OCTETS = _HEADER.size
MOST_OCTETS = 70_000  # message_payload takes up to 64 K; whoever announces more is not to be believed
RESPONSE = 0x8000_0000
_LAST_SEQUENCE = 0x7FFF_FFFF
_VERSION = 0x34


class Command(IntEnum):
    """What a packet asks for; the answer to it has `RESPONSE` added."""

    BIND_TRANSMITTER = 0x02
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    OUTBIND = 0x0B
    ENQUIRE_LINK = 0x15
    ALERT_NOTIFICATION = 0x102
    GENERIC_NACK = RESPONSE


class Tag(IntEnum):
    """Optional parameters that we write or read (SMPP 3.4, 5.3.2)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class FramingError(Exception):
    """Where a packet ends cannot be told: nothing on this connection can be read any more."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """A packet.

    Attributes:
        command: a `Command`, with `RESPONSE` added in answers; others may send numbers that are neither.
        body: what follows the header of 16 octets.
        status: of answers: 0 or what was wrong (command_status).
        sequence: by which an answer finds its question.
    """

    command: int
    body: bytes = b""
    status: int = 0
    sequence: int = 0

    def packed(self) -> bytes:
        """Return the packet as it travels."""
        length = HEADER_OCTETS + len(self.body)
        return _HEADER.pack(length, self.command, self.status, self.sequence) + self.body


class Address(NamedTuple):
    """Whom a text is from or to, with its type of number and its numbering plan (SMPP 3.4, 5.2.5 and 5.2.6)."""

    ton: int
    npi: int
    digits: str


def body_length(header: bytes) -> int:
    """Return how many octets follow a header.

    Raises:
        FramingError: if that cannot be.
    """
    length: int = _HEADER.unpack(header)[0]
    if not HEADER_OCTETS <= length <= MOST_OCTETS:
        raise FramingError(f"a packet of {length} octets was announced")
    return length - HEADER_OCTETS


def unpacked(header: bytes, body: bytes) -> Pdu:
    """Return the packet that a header and its body are."""
    _, command, status, sequence = _HEADER.unpack(header)
    return Pdu(command, body, status, sequence)


def next_sequence(sequence: int) -> int:
    """Return the number after a sequence number; after the last comes 1 (SMPP 3.4, 5.1.4)."""
    return sequence % _LAST_SEQUENCE + 1


def text_field(text: str, most: int) -> bytes:
    """Return a C-octet string: ASCII, ended by NUL.

    Raises:
        ValueError: if it is longer than `most` characters, or not of printable ASCII.
    """
    if len(text) > most or not (text.isascii() and text.isprintable()):
        raise ValueError(f"must be at most {most} printable characters of ASCII")
    return text.encode() + b"\0"


def parameter(tag: int, value: bytes) -> bytes:
    """Return an optional parameter (SMPP 3.4, 5.3.1)."""
    return struct.pack("!HH", tag, len(value)) + value


def bind(system_id: str, password: str, system_type: str, address_range: str) -> bytes:
    """Return the body of any bind (SMPP 3.4, 4.1.5).

    Raises:
        ValueError: if one of them does not fit.
    """
    return (
        text_field(system_id, 15)
        + text_field(password, 8)
        + text_field(system_type, 12)
        + bytes([_VERSION, 0, 0])
        + text_field(address_range, 40)
    )


def submit_sm(
    source: Address,
    destination: Address,
    octets: bytes,
    *,
    data_coding: int,
    esm_class: int = 0,
    validity_period: str = "",
    receipt: bool = False,
    parameters: bytes = b"",
    service_type: str = "",
) -> bytes:
    """Return the body of a submit_sm (SMPP 3.4, 4.4.1); `parameters` are ready to be sent.

    Raises:
        ValueError: if an address does not fit.
    """
    return (
        text_field(service_type, 5)
        + _address(source)
        + _address(destination)
        + bytes([esm_class, 0, 0])  # protocol_id and priority_flag
        + b"\0"  # schedule_delivery_time: at once
        + text_field(validity_period, 16)
        + bytes([receipt, 0, data_coding, 0, len(octets)])  # without replacing, without a predefined message
        + octets
        + parameters
    )


def _address(address: Address) -> bytes:
    return bytes([address.ton, address.npi]) + text_field(address.digits, 20)
