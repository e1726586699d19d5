"""What a text message to another country costs, and what its networks allow, by dialling prefix."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of the table of countries.

    Attributes:
        countries: their names.
        multiplier: how many UK messages one message there costs.
        delivery_receipts: whether the receipts of the networks there can be believed.
        numeric_sender_required: whether messages from a name, not a number, are thrown away there.
    """

    countries: tuple[str, ...]
    multiplier: int
    delivery_receipts: bool
    numeric_sender_required: bool

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """From a row of ``data/international-rates.json``."""
        return cls(
            countries=tuple(row["names"]),
            multiplier=row["rate_multiplier"],
            delivery_receipts=(row["delivery_receipts"] or "").upper() == "YES",
            numeric_sender_required=row["alpha_sender"] == "NO",
        )


@cache
def international_rates() -> dict[str, Rate]:
    """The table of rates by dialling prefix (``"33"``, ``"1876"``). Contract: content rules, section 1."""
    table = json.loads(files(__package__).joinpath("data/international-rates.json").read_bytes())
    return {prefix: Rate.from_row(row) for prefix, row in table.items()}
