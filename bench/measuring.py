"""Measuring one operation, and saying what came out in lines that people and programs can read."""

import gc
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One measured value beside what it is aimed at, which stands for a ceiling where none can be measured."""

    name: str
    value: float
    unit: str
    aim: float

    def line(self) -> str:
        return json.dumps(
            {
                "name": self.name,
                "value": round(self.value, 3),
                "unit": self.unit,
                "ceiling": self.aim,
                "ratio": round(self.value / self.aim, 3),
                "ceiling_is": "aim",
            },
            ensure_ascii=False,
        )


@dataclass(frozen=True)
class Timing:
    """Microseconds for one operation, in the best and in the middle one of several rounds."""

    minimum: float
    median: float


ROUNDS = 150


def timing(operation: Callable[[], object], rounds: int = ROUNDS, seconds: float = 0.01) -> Timing:
    """Time an operation, running it as often in a round as fills the given time.

    The minimum is nearest to what the code itself costs; the median says how busy the machine was. Rounds are
    so short that some of them run undisturbed on a machine that others use too.
    """
    count = max(1, round(seconds / _once(operation)))
    gc.collect()
    spent = sorted(_round(operation, count) for _ in range(rounds))
    return Timing(spent[0] * 1e6, median(spent) * 1e6)


def _once(operation: Callable[[], object]) -> float:
    operation()
    return max(1e-7, _round(operation, 5))


def _round(operation: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        operation()
    return (time.perf_counter() - start) / count


def setting() -> str:
    """What the figures were measured on."""
    return f"Python {sys.version.split()[0]} on {sys.platform}, minimum and median of {ROUNDS} rounds"
