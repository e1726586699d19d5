"""What SMSCs bring: receipts and texts from phones, in packets of one kind (deliver_sm; SMPP 3.4, 4.6.1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pillarbox.providers.smpp.alphabet import decode
from pillarbox.providers.smpp.parts import HEADER_INDICATOR
from pillarbox.providers.smpp.pdu import HEADER_OCTETS, Command, FramingError, Pdu, Tag, body_length, unpacked

_MESSAGE_TYPE = 0x3C  # in esm_class (SMPP 3.4, 5.2.12)
_FROM_A_PHONE, _RECEIPT, _INTERMEDIATE = 0x00, 0x04, 0x20
_BY_8_BITS, _BY_16_BITS = 0x00, 0x08  # elements of a user data header (GSM 03.40, 9.2.3.24.1 and 8)


class UnreadableDeliveryError(ValueError):
    """A packet that is not what the protocol says; the message says where."""


class PartNumber(NamedTuple):
    """Which part of which text a delivery is."""

    reference: int
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A deliver_sm, taken apart.

    Attributes:
        octets: the message with its user data header, whether it stood in short_message or in message_payload.
        parameters: optional parameters by their tags; of several with the same tag the last.
    """

    source: str
    destination: str
    esm_class: int
    data_coding: int
    octets: bytes
    parameters: Mapping[int, bytes]

    @property
    def is_text(self) -> bool:
        """Whether somebody sent it from a phone."""
        return self.esm_class & _MESSAGE_TYPE == _FROM_A_PHONE

    @property
    def is_receipt(self) -> bool:
        """Whether it is the SMSC's receipt, or its notice of an attempt that was not the last."""
        return self.esm_class & _MESSAGE_TYPE in (_RECEIPT, _INTERMEDIATE)

    @property
    def is_final(self) -> bool:
        """Whether nothing follows on this receipt."""
        return self.esm_class & _MESSAGE_TYPE == _RECEIPT

    @property
    def text(self) -> str:
        """What it says, its header aside."""
        return decode(self.octets[self._header_octets :], self.data_coding)

    @property
    def part(self) -> PartNumber | None:
        """Which part of a longer text it is; None if it is a whole one."""
        found = self._part_by_header() or self._part_by_parameters()
        return found if found and 1 <= found.number <= found.of and found.of > 1 else None

    @property
    def _header_octets(self) -> int:
        return self.octets[0] + 1 if self.esm_class & HEADER_INDICATOR and self.octets else 0

    def _part_by_header(self) -> PartNumber | None:
        for element, value in _elements(self.octets[1 : self._header_octets]):
            if element == _BY_8_BITS and len(value) == 3:
                return PartNumber(value[0], value[2], value[1])
            if element == _BY_16_BITS and len(value) == 4:
                return PartNumber(int.from_bytes(value[:2], "big"), value[3], value[2])
        return None

    def _part_by_parameters(self) -> PartNumber | None:
        tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_SEGMENT_SEQNUM, Tag.SAR_TOTAL_SEGMENTS)
        if not all(tag in self.parameters for tag in tags):
            return None
        return PartNumber(*(int.from_bytes(self.parameters[tag][:2], "big") for tag in tags))


def _elements(header: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements of a user data header; a broken one ends them."""
    at = 0
    while at + 2 <= len(header):
        element, length = header[at], header[at + 1]
        yield element, header[at + 2 : at + 2 + length]
        at += 2 + length


def read_delivery(body: bytes) -> Delivery:
    """Take the body of a deliver_sm apart.

    Raises:
        UnreadableDeliveryError: if a mandatory field is missing.
    """
    fields = _Fields(body)
    fields.text()  # service_type
    fields.octets(2)
    source = fields.text()
    fields.octets(2)
    destination = fields.text()
    esm_class = fields.octets(3)[0]
    fields.text()  # schedule_delivery_time
    fields.text()  # validity_period
    data_coding, length = fields.octets(5)[2::2]
    short_message = fields.octets(length)
    parameters = dict(fields.parameters())
    octets = short_message or parameters.get(Tag.MESSAGE_PAYLOAD, b"")
    return Delivery(source, destination, esm_class, data_coding, octets, parameters)


class _Fields:
    """Reads one field after the other."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def octets(self, count: int) -> bytes:
        self._at += count
        if self._at > len(self._body):
            raise UnreadableDeliveryError(f"it ends after {len(self._body)} octets, in the middle of a field")
        return self._body[self._at - count : self._at]

    def text(self) -> str:
        """A C-octet string. NUL ends it, so none is in it; what is not ASCII is shown somehow."""
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise UnreadableDeliveryError("a field of text has no end")
        field = self.octets(end + 1 - self._at)
        return field[:-1].decode("latin-1")

    def parameters(self) -> Iterator[tuple[int, bytes]]:
        """Optional parameters; octets at the end that are none do no harm."""
        while self._at + 4 <= len(self._body):
            tag, length = (int.from_bytes(self.octets(2), "big") for _ in range(2))
            if self._at + length > len(self._body):
                return
            yield tag, self.octets(length)


def kept_form(pdu: Pdu) -> bytes:
    """Return a packet as it is kept: word for word, but for the sequence number, which is another in each attempt."""
    return Pdu(pdu.command, pdu.body, pdu.status).packed()


def read_kept(raw: bytes) -> list[Delivery]:
    """Take packets apart that stand one after the other.

    Raises:
        UnreadableDeliveryError: if one of them is no deliver_sm, or if there is none.
    """
    deliveries = []
    rest = raw
    while len(rest) >= HEADER_OCTETS:
        pdu, rest = _first(rest)
        if pdu.command != Command.DELIVER_SM:
            raise UnreadableDeliveryError(f"command {pdu.command:#010x} is not deliver_sm")
        deliveries.append(read_delivery(pdu.body))
    if rest or not deliveries:
        raise UnreadableDeliveryError("it is shorter than a header")
    return deliveries


def _first(raw: bytes) -> tuple[Pdu, bytes]:
    header, rest = raw[:HEADER_OCTETS], raw[HEADER_OCTETS:]
    try:
        length = body_length(header)
    except FramingError as error:
        raise UnreadableDeliveryError(str(error)) from error
    if length > len(rest):
        raise UnreadableDeliveryError(f"{length - len(rest)} octets of the body are missing")
    return unpacked(header, rest[:length]), rest[length:]
