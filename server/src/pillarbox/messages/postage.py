"""Postage: how letters travel, how long that takes and which of it a request may ask for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Postage(StrEnum):
    """How a letter is sent."""

    FIRST = "first"
    SECOND = "second"
    ECONOMY = "economy"
    EUROPE = "europe"
    REST_OF_WORLD = "rest-of-world"


UK_POSTAGE = (Postage.FIRST, Postage.SECOND, Postage.ECONOMY)


@dataclass(frozen=True, slots=True)
class PostClass:
    """What a postage means for the printer and the post."""

    file_code: str
    """How it stands in the name of the file for the printer."""
    transit: tuple[int, int]
    """The fewest and the most days of post on the way, after the one on which it is handed over."""
    on_saturdays: bool


POST_CLASSES = {
    Postage.FIRST: PostClass("1", (0, 0), on_saturdays=True),
    Postage.SECOND: PostClass("2", (3, 4), on_saturdays=False),
    Postage.ECONOMY: PostClass("ECONOMY", (3, 6), on_saturdays=False),
    Postage.EUROPE: PostClass("E", (3, 5), on_saturdays=False),
    Postage.REST_OF_WORLD: PostClass("N", (5, 7), on_saturdays=False),
}


def request_postage_error(value: Any) -> str | None:
    """What is wrong with the postage of a precompiled letter in a request; None if nothing is.

    Values that are no text are refused elsewhere, by their type. Contract: public API, "POST letter,
    precompiled".
    """
    if not isinstance(value, str) or value in UK_POSTAGE:
        return None
    return "invalid. It must be either first, second or economy."


def template_postage_error(value: Any) -> str | None:
    """What is wrong with the postage of a letter or template that a person sets; None if nothing is."""
    if not isinstance(value, str) or value in tuple(Postage):
        return None
    return "invalid. It must be first, second, economy, europe or rest-of-world."
