"""How the recorded cases about postal addresses are asked of our packages."""

from typing import Any

from pillarbox.recipients.postal_addresses import PostalAddress
from tests.vectors.cases import Rejected

_CHECKS = (
    "has_enough_lines",
    "has_too_many_lines",
    "has_invalid_characters",
    "has_no_fixed_abode_address",
    "has_invalid_country_for_bfpo_address",
    "has_alphanumeric_in_lines_1_and_2",
)


def _address(asked: dict[str, Any]) -> dict[str, Any]:
    allowed = asked["allow_international_letters"]
    address = PostalAddress.parse(asked["address"])
    error = address.error(international_letters=allowed)
    if error and not address.body and address.bfpo_number is not None:
        raise Rejected(error.message, error.code, error.api_message)
    return {
        "normalised_lines": list(address.normalised_lines),
        "line_count": address.line_count,
        "single_line": address.single_line,
        "postcode": address.postcode,
        "postage_zone": address.postage_zone,
        "international": address.international,
        "country": address.country.name,
        "bfpo_number": address.bfpo_number,
        "valid": error is None,
        "has_valid_last_line": address.has_valid_last_line(international_letters=allowed),
        **{name: getattr(address, name) for name in _CHECKS},
        "as_personalisation": address.as_personalisation if address.normalised_lines else None,
        "precompiled_error": error.code if error else None,
    }


def _from_personalisation(asked: dict[str, Any]) -> dict[str, Any]:
    address = PostalAddress.from_personalisation(asked["personalisation"])
    error = address.error(international_letters=asked["allow_international_letters"])
    answer = {
        "normalised_lines": list(address.normalised_lines),
        "postage_zone": address.postage_zone,
        "valid": error is None,
        "v2_error": error.api_message if error else None,
    }
    if error is None:
        answer["v2_postage_override"] = address.postage_zone if address.international else None
    return answer


OPS = {"address": _address, "address_from_personalisation": _from_personalisation}
