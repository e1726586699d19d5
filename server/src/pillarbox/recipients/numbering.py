"""From typed text to a number: which country it is in, which digits it has there, and what answers it.

The phonenumbers library, whose releases decide what is valid, has the last word on everything unusual.
"""

import re
from typing import NamedTuple

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneNumberFormat,
    ValidationResult,
)

from pillarbox.recipients.numbering_plans import Line, line_of, line_of_library, plans_for

HOME = "GB"
HOME_CODE = 44

_WRONG_LENGTH = {
    ValidationResult.TOO_LONG: "too_long",
    ValidationResult.TOO_SHORT: "too_short",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "too_short",
    ValidationResult.INVALID_COUNTRY_CODE: "unsupported_country_code",
}

_WRITTEN_PLAINLY = re.compile(r"(\+|00?|)([1-9][0-9]*(?:[ -][0-9]+)*)")
_LONGEST_PLAIN = 25
_DELETE_SEPARATORS = {ord(" "): None, ord("-"): None}

# Ofcom keeps 07700 900000 to 900999 for drama. Callers have long been able to use any 07700 number like that.
_DRAMA = re.compile(r"7700[0-9]")


class UnusableNumberError(ValueError):
    """The digits make no number that messages can be sent to; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Number(NamedTuple):
    """Digits that have found their place in a numbering plan."""

    country_code: int
    national: str
    """The digits after the country code, leading zeros included where they belong to the number."""
    line: Line
    region: str | None
    """The country or territory by its two letters; Crown dependencies have their own."""

    @property
    def readable(self) -> str:
        """The number with the spaces people expect: in national format at home, else international."""
        at_home = self.country_code == HOME_CODE
        style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
        zeros = len(self.national) - len(self.national.lstrip("0"))
        number = phonenumbers.PhoneNumber(
            country_code=self.country_code,
            national_number=int(self.national),
            italian_leading_zero=True if zeros else None,
            number_of_leading_zeros=zeros if zeros > 1 else None,
        )
        return phonenumbers.format_number(number, style)


def plain(text: str) -> Number | None:
    """A number written in one of the usual ways; None for everything else, which is looked at with more care.

    Whatever this gives, ``sendable`` gives too: it is the same, in a fraction of the time.
    """
    typed = _WRITTEN_PLAINLY.fullmatch(text) if len(text) <= _LONGEST_PLAIN else None
    if typed is None:
        return None
    country_code, national = _country_and_national(typed[1], typed[2].translate(_DELETE_SEPARATORS))
    plans = plans_for(country_code)
    if not plans or not plans[0].reads_as_typed(national):
        return None
    if country_code == HOME_CODE and _DRAMA.match(national):
        return Number(country_code, national, Line.MOBILE, HOME)
    region, line = line_of(country_code, national)
    return None if line is None or line is Line.OTHER else Number(country_code, national, line, region)


def _country_and_national(prefix: str, digits: str) -> tuple[int, str]:
    """The country code that digits start with, and the rest; 0 where it takes more to find out."""
    if prefix in {"+", "00"}:
        return _split_country(digits)
    if prefix == "0" or (digits.startswith("7") and len(digits) == 10):
        return HOME_CODE, digits
    if digits.startswith("44") and len(digits) == 12:
        return HOME_CODE, digits[2:]
    return 0, ""


def _split_country(digits: str) -> tuple[int, str]:
    for length in (1, 2, 3):
        country_code = int(digits[:length])
        if country_code in COUNTRY_CODE_TO_REGION_CODE:
            return country_code, digits[length:]
    return 0, ""


def sendable(text: str) -> Number:
    """The number that text names, if messages can be sent to it.

    Text without a country code is read as a British number, and where that is not possible as an
    international one that lost its plus sign.

    Raises:
        UnusableNumberError: it names none.

    Contract: content rules, section 1, steps 2 to 5.
    """
    number = _possible(text)
    country_code, national = _parts(number)
    if country_code == HOME_CODE and _DRAMA.match(national):
        return Number(country_code, national, Line.MOBILE, HOME)
    line = line_of_library(number)
    if line is Line.OTHER:
        raise UnusableNumberError("invalid_number")
    return Number(country_code, national, line, phonenumbers.region_code_for_number(number))


def short_code(text: str) -> Number | None:
    """A number of three digits, such as 111, that can be dialled but not texted; None if the text is none.

    Raises:
        UnusableNumberError: it is an emergency number, or no number at all.

    Contract: content rules, section 1, "Service contact numbers".
    """
    country_code, national = _parts(_parse(text))
    if len(national) != 3:
        return None
    if national in {"999", "112"}:
        raise UnusableNumberError("unsupported_emergency_number")
    return Number(country_code, national, Line.OTHER, None)


def _possible(text: str) -> phonenumbers.PhoneNumber:
    number = _parse(text)
    length = phonenumbers.is_possible_number_with_reason(number)
    if length == ValidationResult.IS_POSSIBLE:
        return number
    # Spreadsheets drop the plus sign of what they take for a sum.
    abroad = _possible_abroad(text)
    if abroad is None:
        raise UnusableNumberError(_WRONG_LENGTH.get(length, "invalid_number"))
    return abroad


def _possible_abroad(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = _parse("+" + text)
    except UnusableNumberError:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _parse(text: str) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(text, HOME)
    except NumberParseException as error:
        raise UnusableNumberError("invalid_number") from error


def _parts(number: phonenumbers.PhoneNumber) -> tuple[int, str]:
    return number.country_code or 0, phonenumbers.national_significant_number(number)
