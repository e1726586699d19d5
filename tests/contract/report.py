"""What a run says in the end: passes by area, and what differs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.contract.cases_file import Case


@dataclass
class Report:
    """Results as they come in."""

    passed: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[Case, list[str]]] = field(default_factory=list)

    def add(self, case: Case, differences: list[str]) -> None:
        """Note one case with what differed; nothing means that it passed."""
        self.total[case.area] += 1
        if differences:
            self.failures.append((case, differences))
        else:
            self.passed[case.area] += 1

    @property
    def all_passed(self) -> bool:
        """Whether there were cases and every one passed."""
        return self.total.total() > 0 and not self.failures

    def lines(self) -> Iterator[str]:
        """The report for people: failures first, so that the sums stay in sight."""
        for case, differences in self.failures:
            yield f"{case.id} {case.given} ({case.tier})"
            yield from (f"    {difference}" for difference in differences)
            if case.note:
                yield f"    note: {case.note}"
        for area, total in self.total.items():
            yield f"{area:26} {self.passed[area]:4} of {total}"
        yield f"{'all':26} {self.passed.total():4} of {self.total.total()}"
