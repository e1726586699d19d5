"""How the recorded cases about postcodes and countries are asked of our packages."""

from typing import Any

from pillarbox.recipients.countries import Country, UnknownCountry
from pillarbox.recipients.postcodes import format_postcode
from tests.vectors.cases import Rejected


def _country(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        country = Country.parse(asked["name"])
    except UnknownCountry as error:
        raise Rejected(error.message, error.code, error.api_message) from error
    return {"canonical": country.name, "postage_zone": country.postage_zone}


OPS = {"country": _country, "postcode": lambda asked: format_postcode(asked["postcode"])}
