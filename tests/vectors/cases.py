"""Recorded cases: reading them, asking our packages, comparing what comes back."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"

Op = Callable[[dict[str, Any]], Any]


class Rejected(Exception):  # noqa: N818 - it is an answer, not a failure of the test
    """What an op raises where our package refuses its input with a typed error of its own."""

    def __init__(self, message: str, code: str | None = None, v2_message: str | None = None) -> None:
        super().__init__(message)
        self.message, self.code, self.v2_message = message, code, v2_message


@dataclass(frozen=True)
class Case:
    topic: str
    id: str
    op: str
    why: str
    input: dict[str, Any]
    expected: dict[str, Any]

    @property
    def upstream_crash(self) -> bool:
        return bool(self.expected.get("error", {}).get("upstream_crash"))


def read(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            expected = {key: row[key] for key in ("output", "error") if key in row}
            yield Case(path.stem, row["id"], row["op"], row["why"], row["input"], expected)


def ask(case: Case) -> dict[str, Any]:
    """What our packages say to a case, in the form of the recorded answer."""
    op: Op = import_module(f"tests.vectors.ops.{case.topic}").OPS[case.op]
    try:
        return {"output": op(case.input)}
    except Rejected as rejected:
        return {"error": _as_recorded(rejected, case.expected.get("error", {}))}


def difference(case: Case) -> str | None:
    """What differs between the recorded answer and ours; None if nothing does."""
    try:
        ours = ask(case)
    except Exception as crash:  # noqa: BLE001 - whatever it is, the case failed and the others go on
        return f"crashed: {crash!r}"
    if case.upstream_crash:
        return None if "error" in ours else f"should be refused, gave {ours}"
    expected = dict(case.expected)
    if "error" in expected:
        expected["error"] = {k: v for k, v in expected["error"].items() if k != "type"}
    return None if ours == expected else f"\nexpected {expected}\n     got {ours}"


def _as_recorded(rejected: Rejected, expected: dict[str, Any]) -> dict[str, Any]:
    fields = {"message": rejected.message}
    for name in ("code", "v2_message"):
        if name in expected:
            fields[name] = getattr(rejected, name)
    return fields
