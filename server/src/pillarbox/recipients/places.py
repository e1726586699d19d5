"""The table of countries and of the areas that UK postcodes begin with."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def places() -> dict[str, Any]:
    """What ``data/countries.json`` holds: countries with their zones and spellings, and postcode areas."""
    table: dict[str, Any] = json.loads(files(__package__).joinpath("data/countries.json").read_bytes())
    return table
