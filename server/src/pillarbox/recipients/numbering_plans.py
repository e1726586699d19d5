"""Numbering plans: which digits follow a country code, and what answers them.

They are the phonenumbers library's, put into one pattern a region: its own functions ask up to ten patterns
for each region of a country code, one after the other, which is too slow for hundreds of thousands of rows.
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberDesc,
    PhoneNumberType,
    number_type,
)


class Line(Enum):
    """What answers a number."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    OTHER = "other"
    """Something that no message can be sent to: premium rate, pager, free phone, calls over the internet."""


# In the order in which the library asks them: the first that fits decides.
_KINDS = {
    "premium_rate": Line.OTHER,
    "toll_free": Line.OTHER,
    "shared_cost": Line.OTHER,
    "voip": Line.OTHER,
    "personal_number": Line.MOBILE,
    "pager": Line.OTHER,
    "uan": Line.LANDLINE,
    "voicemail": Line.OTHER,
    "fixed_line": Line.LANDLINE,
    "mobile": Line.MOBILE,
}


_LIBRARY_KINDS = {
    PhoneNumberType.MOBILE: Line.MOBILE,
    PhoneNumberType.PERSONAL_NUMBER: Line.MOBILE,
    PhoneNumberType.FIXED_LINE: Line.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Line.LANDLINE,
    PhoneNumberType.UAN: Line.LANDLINE,
}


class Plan:
    """The numbers of one region, such as Guernsey, within a country code."""

    def __init__(self, metadata: PhoneMetadata) -> None:
        general = metadata.general_desc or PhoneNumberDesc()
        prefix, leading = metadata.national_prefix_for_parsing, metadata.leading_digits
        self.region: str = metadata.id
        self._lengths = frozenset(general.possible_length).difference(general.possible_length_local_only)
        self._prefix = re.compile(prefix) if prefix else None
        self.leading = re.compile(leading) if leading else None
        kinds = "|".join(_patterns(metadata))
        self._kinds = re.compile(f"(?=(?:{general.national_number_pattern})\\Z)(?:{kinds})")

    def reads_as_typed(self, national: str) -> bool:
        """Whether digits have a length for the region, and nothing before them that would be cut off."""
        return len(national) in self._lengths and not (self._prefix and self._prefix.match(national))

    def line(self, national: str) -> Line | None:
        """What answers the digits in this region; None if nothing does."""
        found = self._kinds.fullmatch(national)
        return _KINDS[found.lastgroup] if found and found.lastgroup else None


def _patterns(metadata: PhoneMetadata) -> Iterator[str]:
    for kind in _KINDS:
        numbers: PhoneNumberDesc | None = getattr(metadata, kind)
        if numbers is None or not numbers.national_number_pattern:
            continue
        lengths = "|".join(f"[0-9]{{{length}}}" for length in numbers.possible_length)
        yield f"(?P<{kind}>(?=(?:{lengths})\\Z)(?:{numbers.national_number_pattern}))"


@cache
def plans_for(country_code: int) -> tuple[Plan, ...]:
    """The plans of a country code's regions, its main one first; none if the code belongs to no country."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(country_code, ())
    found = (PhoneMetadata.metadata_for_region(region) for region in regions)
    return tuple(Plan(metadata) for metadata in found if metadata is not None)


def line_of(country_code: int, national: str) -> tuple[str | None, Line | None]:
    """The region that digits belong to, and what answers them there; None where there is no such thing."""
    for plan in plans_for(country_code):
        # Some regions are known by their first digits alone, whether a number there is valid or not.
        if plan.leading and plan.leading.match(national):
            return plan.region, plan.line(national)
        line = None if plan.leading else plan.line(national)
        if line is not None:
            return plan.region, line
    return None, None


def line_of_library(number: PhoneNumber) -> Line:
    """What answers a number, in the library's own opinion."""
    return _LIBRARY_KINDS.get(number_type(number), Line.OTHER)
