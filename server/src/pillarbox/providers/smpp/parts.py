"""Long texts in parts that phones put together again (GSM 03.40, 9.2.3.24; SMPP 3.4, 5.3.2.22 to 24)."""

from dataclasses import dataclass
from typing import Literal

from pillarbox.providers.smpp.alphabet import ESCAPE, GSM, encode
from pillarbox.providers.smpp.pdu import Tag, parameter

LongMessages = Literal["udh", "sar", "payload"]

HEADER_INDICATOR = 0x40  # in esm_class: the octets begin with a user data header
_MOST_PARTS = 255


@dataclass(frozen=True, slots=True)
class Part:
    """What a submit_sm says, its addresses aside."""

    octets: bytes
    data_coding: int
    esm_class: int = 0
    parameters: bytes = b""


def parts_of(text: str, reference: int, way: LongMessages = "udh") -> list[Part]:
    """Return a text's parts, in order; one, if it fits.

    Args:
        text: what is sent.
        reference: what tells the parts of this text from those of others to the same phone; the lowest 8 or 16 bits
            count. The same text sent again must have the same.
        way: by a header in each part (all networks know it), by parameters that have the SMSC write that header, or
            in one piece that the SMSC divides.

    Raises:
        ValueError: if there would be more parts than can be numbered.
    """
    data_coding, octets = encode(text)
    single, each = (160, 153) if data_coding == GSM else (140, 134)
    if len(octets) <= single:
        return [Part(octets, data_coding)]
    if way == "payload":
        return [Part(b"", data_coding, parameters=parameter(Tag.MESSAGE_PAYLOAD, octets))]
    pieces = _pieces(octets, each, data_coding)
    if len(pieces) > _MOST_PARTS:
        raise ValueError(f"a text cannot have more than {_MOST_PARTS} parts")
    numbered = _with_header if way == "udh" else _with_parameters
    return [
        numbered(piece, data_coding, reference, number, len(pieces)) for number, piece in enumerate(pieces, 1)
    ]


def _pieces(octets: bytes, each: int, data_coding: int) -> list[bytes]:
    """An escape stays with its character, and both halves of a surrogate pair together."""
    pieces = []
    start = 0
    while start < len(octets):
        end = start + each
        if end < len(octets):
            end -= _torn(octets[end - 2 : end], data_coding)
        pieces.append(octets[start:end])
        start = end
    return pieces


def _torn(last: bytes, data_coding: int) -> int:
    """How many octets at the end belong to what follows. Escapes are never doubled in what we encode."""
    if data_coding == GSM:
        return last.endswith(ESCAPE)
    return 2 if 0xD8 <= last[0] <= 0xDB else 0


def _with_header(octets: bytes, data_coding: int, reference: int, number: int, of: int) -> Part:
    header = bytes([5, 0, 3, reference & 0xFF, of, number])
    return Part(header + octets, data_coding, HEADER_INDICATOR)


def _with_parameters(octets: bytes, data_coding: int, reference: int, number: int, of: int) -> Part:
    parameters = (
        parameter(Tag.SAR_MSG_REF_NUM, (reference & 0xFFFF).to_bytes(2, "big"))
        + parameter(Tag.SAR_TOTAL_SEGMENTS, bytes([of]))
        + parameter(Tag.SAR_SEGMENT_SEQNUM, bytes([number]))
    )
    return Part(octets, data_coding, parameters=parameters)
