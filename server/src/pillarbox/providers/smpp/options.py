"""What an operator says of an SMSC; docs/reference/providers.md explains each option."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from pillarbox.providers.kinds import Options
from pillarbox.providers.smpp.parts import LongMessages
from pillarbox.providers.smpp.pdu import Address, text_field
from pillarbox.providers.smpp.receipts import Ids

SenderKind = Literal["alphanumeric", "short_code", "national", "international"]

_NUMBER = re.compile(r"\+?[0-9]+")
_SHORT_CODE_DIGITS = 6
_TYPES: dict[SenderKind, tuple[int, int]] = {
    "alphanumeric": (5, 0),
    "short_code": (3, 0),
    "national": (2, 1),
    "international": (1, 1),
}
_FIELDS = {"system_id": 15, "password": 8, "system_type": 12, "address_range": 40, "service_type": 5}
_RANGES = {
    "port": (1, 65_535),
    "connections": (1, 50),
    "window": (1, 1000),
    "enquire_link": (1, 3600),
    "response_timeout": (1, 60),
    "validity_hours": (0, 1000),
}


class Smsc(Options, frozen=True, kw_only=True):
    """A short message centre and how it likes to be spoken to."""

    host: str
    port: int = 2775
    tls: bool = False
    system_id: str
    password: str
    system_type: str = ""
    service_type: str = ""
    address_range: str = ""
    connections: int = 1
    window: int = 10
    enquire_link: int = 30
    response_timeout: int = 10
    sender: str | None = None
    sender_types: dict[SenderKind, tuple[int, int]] = msgspec.field(default_factory=dict)
    long_messages: LongMessages = "udh"
    validity_hours: int = 48
    receipts: bool = True
    answer_ids: Ids = "text"
    receipt_ids: Ids = "text"
    passing_errors: tuple[str, ...] = ()
    busy_statuses: tuple[int, ...] = ()
    time_zone: str = "UTC"

    def mistakes(self) -> Sequence[str]:
        """Return what does not fit into the protocol's fields, and what makes no sense."""
        return [*self._misfits(), *self._out_of_range(), *self._contradictions()]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that receipts' times are in."""
        return ZoneInfo(self.time_zone)

    @property
    def validity_period(self) -> str:
        """For how long the SMSC is to try, as time from now (SMPP 3.4, 7.1.1.2)."""
        if not self.validity_hours:
            return ""
        days, hours = divmod(self.validity_hours, 24)
        return f"00{days // 30:02}{days % 30:02}{hours:02}0000000R"

    def source(self, sender: str | None) -> Address:
        """Return a sender with the type of number and numbering plan of its kind; None: the SMSC fills in its own."""
        name = sender or self.sender
        if not name:
            return Address(0, 0, "")
        kind = _kind_of(name)
        ton, npi = self.sender_types.get(kind, _TYPES[kind])
        return Address(ton, npi, name.removeprefix("+") if kind == "international" else name)

    def _misfits(self) -> Iterator[str]:
        for name, most in _FIELDS.items():
            try:
                text_field(getattr(self, name), most)
            except ValueError as error:
                yield f"{name} {error}"

    def _out_of_range(self) -> Iterator[str]:
        for name, (least, most) in _RANGES.items():
            if not least <= getattr(self, name) <= most:
                yield f"{name} is {getattr(self, name)} but must be from {least} to {most}"
        if any(not 0 <= number <= 255 for pair in self.sender_types.values() for number in pair):
            yield "sender_types holds a number that is not from 0 to 255"

    def _contradictions(self) -> Iterator[str]:
        if (self.answer_ids == "text") != (self.receipt_ids == "text"):
            yield "answer_ids and receipt_ids go together: either both are text or both are numbers"
        try:
            _ = self.zone
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield f"time_zone {self.time_zone!r} is not known; it must be like Europe/London"


def _kind_of(sender: str) -> SenderKind:
    if not _NUMBER.fullmatch(sender):
        return "alphanumeric"
    if len(sender.removeprefix("+")) <= _SHORT_CODE_DIGITS:
        return "short_code"
    return "national" if sender.startswith("0") else "international"


def destination(to: str) -> Address:
    """Return a recipient's address: recipients are always digits with the country code."""
    return Address(1, 1, to)
