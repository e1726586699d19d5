"""What a message costs, and when that is known (public API contract, section 4, "Cost")."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

_FREE_LETTERS = frozenset({"cancelled", "technical-failure", "validation-failed", "virus-scan-failed"})


@dataclass(frozen=True, slots=True)
class Cost:
    """Pounds and how they come about; null pounds while it is not known yet."""

    ready: bool
    pounds: float | None
    details: dict[str, Any] = field(default_factory=dict)


EMAIL_COST = Cost(ready=True, pounds=0.0)


@lru_cache(maxsize=1024)
def text_cost(status: str, fragments: int, multiplier: int | None, rate: float) -> Cost:
    """Return what a text costs: fragments times multiplier times rate."""
    if status == "created" and fragments == 0:
        return Cost(ready=False, pounds=None)
    factor = 1 if multiplier is None else multiplier
    details = {
        "billable_sms_fragments": fragments,
        "international_rate_multiplier": factor,
        "sms_rate": rate,
    }
    return Cost(ready=True, pounds=fragments * factor * rate, details=details)


def letter_is_free(status: str) -> bool:
    """Whether nothing is charged for a letter of this status."""
    return status in _FREE_LETTERS


def letter_cost(status: str, sheets: int, postage: str | None, rate: float) -> Cost:
    """Return what a letter costs; `rate` is that of its number of sheets and its postage."""
    if letter_is_free(status):
        return Cost(ready=True, pounds=0.0, details={"billable_sheets_of_paper": 0, "postage": postage})
    if status == "pending-virus-check" or (status == "created" and sheets == 0):
        return Cost(ready=False, pounds=None)
    details = {"billable_sheets_of_paper": sheets, "postage": postage}
    return Cost(ready=True, pounds=rate if sheets else 0.0, details=details)
