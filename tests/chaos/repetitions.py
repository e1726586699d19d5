"""A message goes out twice only where somebody died between a provider's answer and our commit."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from tests.chaos.evidence import Evidence, Line
from tests.chaos.handing_over import PATIENCE, WRITING
from tests.chaos.verdict import Verdict

# Seconds until an answer comes, by how the counterpart behaved; else it comes at once, or after a receipt.
_SECONDS = {"late": 4.0}
_QUICK = 0.5
_BACK = 3.0  # seconds until a database that is back is noticed


class Outage(NamedTuple):
    """When a part of ours was dead, with the time for which that has consequences."""

    began: float
    over: float
    part: str


def judge_repetitions(verdict: Verdict, evidence: Evidence) -> None:
    """Count those that went out twice, by what explains them."""
    outages = outages_of(evidence.kills)
    causes: Counter[str] = Counter()
    for token, lines in evidence.taken.items():
        for first, second in pairwise(lines):
            cause = cause_of(first, second, outages)
            causes[cause or "nobody died"] += 1
            if cause is None:
                verdict.wrong(token, f"went out twice though nobody died: {dict(first)} and {dict(second)}")
    verdict.figure("went out twice", sum(causes.values()))
    for cause, number in causes.items():
        verdict.figure(f"  {cause} between answer and commit", number)
    verdict.figure(
        "sent again and recognised by its reference", sum(len(lines) for lines in evidence.known.values())
    )


def cause_of(first: Line, second: Line, outages: Sequence[Outage]) -> str | None:
    """Who died after the first was taken and before its answer can have been written down.

    That is the worker that had asked for it, or the database.
    """
    stalled = first["fault"] == "stall"
    wait = PATIENCE[first["provider"]] if stalled else _SECONDS.get(first["fault"], _QUICK)
    until = min(first["at"] + wait + WRITING, second["at"])
    for one in outages:
        if one.part in (first["who"], "PostgreSQL") and one.began <= until and one.over >= first["at"]:
            return f"{'PostgreSQL' if one.part == 'PostgreSQL' else 'the worker'} died"
    return None


def outages_of(kills: Sequence[Line]) -> list[Outage]:
    """A worker takes with it what it has in hand. A database holds up commits, while leases go on running out."""
    workers, databases = [], []
    for number, line in enumerate(kills):
        if line["what"] != "start" and line["part"].startswith("worker"):
            workers.append(Outage(line["at"], line["at"], line["part"]))
        elif line["what"] != "start" and line["part"] in ("postgres", "backend"):
            databases.append(Outage(line["at"], _back(kills[number:]) + _BACK, "PostgreSQL"))
    return workers + databases


def _back(kills: Sequence[Line]) -> float:
    """When the database that died first in these lines was back; one that lost a backend recovers by itself."""
    died = kills[0]
    if died["part"] == "backend":
        return float(died["at"])
    return next(
        (one["at"] for one in kills if one["what"] == "start" and one["part"] == "postgres"), died["at"]
    )
