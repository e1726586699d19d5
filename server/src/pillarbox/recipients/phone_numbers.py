"""Phone numbers as people type them, and what follows from them: country, price, permissions."""

import re
from typing import Self

import msgspec

from pillarbox.content.characters import ALL_WHITESPACE, to_ascii
from pillarbox.recipients import numbering
from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.international_rates import Rate, international_rates
from pillarbox.recipients.numbering import Number, UnusableNumberError
from pillarbox.recipients.numbering_plans import Line

_UNKNOWN_CHARACTER = re.compile(f"[^0-9()+{re.escape(ALL_WHITESPACE)}-]")

_SIMULATED = frozenset({"447700900000", "447700900111", "447700900222"})

_NOT_VALID = "Number is not valid – double check the phone number you entered"
_EMERGENCY = "Phone number cannot be an emergency number"
_REASONS = {
    "invalid_number": (_NOT_VALID, _NOT_VALID),
    "too_long": ("Mobile number is too long", "Too many digits"),
    "too_short": ("Mobile number is too short", "Not enough digits"),
    "not_a_uk_mobile": (
        "This does not look like a UK mobile number – double check the mobile number you entered",
        "Not a UK mobile number",
    ),
    "unknown_character": (
        "Mobile numbers can only include: 0 1 2 3 4 5 6 7 8 9 ( ) + -",
        "Must not contain letters or symbols",
    ),
    "unsupported_country_code": (
        "Country code not found - double check the mobile number you entered",
        "Not a valid country prefix",
    ),
    "unsupported_emergency_number": (_EMERGENCY, _EMERGENCY),
}


class InvalidPhoneNumber(InvalidRecipient):
    """A phone number that messages cannot be sent to; its code is one of the contract's (section 1)."""

    def __init__(self, code: str) -> None:
        super().__init__(code, *_REASONS[code])


class PhoneNumber(msgspec.Struct, frozen=True):
    """A phone number that exists in the plan of its country.

    Contract: content rules, section 1, "Derived values".
    """

    number: Number

    @classmethod
    def parse(cls, text: str, *, service_contact: bool = False) -> Self:
        """Read a number as somebody typed it.

        Every country and landlines are let through; ``check_permissions`` says where a service may send.

        Args:
            text: the number, with or without country code, with any spaces, hyphens and brackets.
            service_contact: whether people are to dial it, so that short numbers such as 111 count too.

        Raises:
            InvalidPhoneNumber: it is no number that messages can be sent to.

        Contract: content rules, section 1, "Parsing".
        """
        return cls(numbering.plain(text) or _read_twice(text, service_contact=service_contact))

    @property
    def normalised(self) -> str:
        """Country code and number, digits only: ``447911123456``."""
        return f"{self.number.country_code}{self.number.national}"

    @property
    def human_readable(self) -> str:
        """With spaces in the usual places: ``07911 123456``, ``+33 6 12 34 56 78``."""
        return self.number.readable

    @property
    def international(self) -> bool:
        """Whether messages there cost more than at home. Crown dependencies do."""
        return self.number.region != numbering.HOME

    @property
    def is_uk_prefix(self) -> bool:
        """Whether the country code is 44, Crown dependencies included."""
        return self.number.country_code == numbering.HOME_CODE

    @property
    def crown_dependency(self) -> bool:
        """Whether it is a number of Jersey, Guernsey or the Isle of Man."""
        return self.is_uk_prefix and self.international

    @property
    def country_prefix(self) -> str:
        """The key of the number's country in the table of rates: ``44``, ``33``, ``1876``."""
        if self.number.country_code == 1:
            with_area = f"1{self.number.national[:3]}"
            return with_area if with_area in international_rates() else "1"
        return str(self.number.country_code)

    @property
    def rate_multiplier(self) -> int | None:
        """How many UK messages one message there costs; None if there is no price."""
        if not self.international:
            return 1
        rate = self._rate
        return rate.multiplier if rate else None

    @property
    def delivery_receipts(self) -> bool | None:
        """Whether receipts from there are to be believed; None for a country without a row in the table."""
        rate = self._rate
        return rate.delivery_receipts if rate else None

    @property
    def numeric_sender_required(self) -> bool | None:
        """Whether the sender must be a number there; None for a country without a row in the table."""
        rate = self._rate
        return rate.numeric_sender_required if rate else None

    @property
    def simulated(self) -> bool:
        """Whether it is one of the numbers for smoke tests, whose messages are accepted and dropped."""
        return self.normalised in _SIMULATED

    def check_permissions(self, *, international_sms: bool, landlines: bool) -> None:
        """See whether a service may send to this number.

        Args:
            international_sms: whether the service may send to other countries.
            landlines: whether it may send to landlines at home (``sms_to_uk_landlines``).

        Raises:
            InvalidPhoneNumber: it may not, or nobody can: ``not_a_uk_mobile``, ``unsupported_country_code``.

        Contract: content rules, section 1, "Service permissions".
        """
        if not self.is_uk_prefix and not international_sms:
            raise InvalidPhoneNumber("not_a_uk_mobile")
        if self.is_uk_prefix and self.number.line is Line.LANDLINE and not landlines:
            raise InvalidPhoneNumber("not_a_uk_mobile")
        if self._rate is None:
            raise InvalidPhoneNumber("unsupported_country_code")

    @property
    def _rate(self) -> Rate | None:
        return international_rates().get(self.country_prefix)


def _read_twice(text: str, *, service_contact: bool) -> Number:
    try:
        return _read(text, service_contact=service_contact)
    except InvalidPhoneNumber:
        cleaned = _forgive(text)
        if cleaned == text:
            raise
    return _read(cleaned, service_contact=service_contact)


def _read(text: str, *, service_contact: bool) -> Number:
    if _UNKNOWN_CHARACTER.search(text):
        raise InvalidPhoneNumber("unknown_character")
    if not text:
        raise InvalidPhoneNumber("too_short")
    try:
        short = numbering.short_code(text) if service_contact else None
        return short or numbering.sendable(text)
    except UnusableNumberError as error:
        raise InvalidPhoneNumber(error.code) from error


def _forgive(text: str) -> str:
    """Without stray zeros and plus signs in front, typographic dashes and invisible characters."""
    return to_ascii(text.replace("+", "").lstrip("0"))
