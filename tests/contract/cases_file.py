"""Cases as they stand in `cases/*.jsonl`: what to ask in which order, and what must come back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

CASES = Path(__file__).parent / "cases"

Json = Any
Tier = Literal["contract", "either", "optional"]

# A step that does not say what it expects is a preparation, which has to work.
_ANY_SUCCESS = {"status": [200, 201, 204]}


@dataclass(frozen=True)
class Step:
    """One request with what is expected of its answer, or a pause if there is no request."""

    request: dict[str, Json] | None = None
    expect: dict[str, Json] = field(default_factory=lambda: _ANY_SUCCESS)
    save: dict[str, Json] = field(default_factory=dict)
    wait_seconds: float = 0


@dataclass(frozen=True)
class Case:
    """One promise of the public API; its last step is what the case is about."""

    id: str
    area: str
    given: str
    tier: Tier
    note: str
    steps: tuple[Step, ...]


def read_cases(folder: Path) -> Iterator[Case]:
    """The HTTP cases of a folder, file by file; cases for the client library are not ours to run."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if "request" in row:
                yield _case(row)


def _case(row: dict[str, Json]) -> Case:
    steps = tuple(_step(part) for part in [*row.get("before", []), row])
    return Case(row["id"], row["area"], row["given"], row.get("tier", "contract"), row.get("note", ""), steps)


def _step(row: dict[str, Json]) -> Step:
    return Step(
        request=row.get("request"),
        expect=row.get("expect", _ANY_SUCCESS),
        save=row.get("save", {}),
        wait_seconds=row.get("wait_seconds", 0),
    )
