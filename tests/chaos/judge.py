"""All promises, one after the other, against everything that was written down."""

from collections import Counter

from tests.chaos.evidence import Evidence
from tests.chaos.handing_over import judge_accepting, judge_handing_over, judge_statuses
from tests.chaos.repetitions import judge_repetitions
from tests.chaos.senders import Accepted
from tests.chaos.telling import judge_callbacks, judge_receipts
from tests.chaos.verdict import Verdict


def judge(accepted: Accepted, evidence: Evidence) -> Verdict:
    """Figures and complaints."""
    verdict = Verdict()
    _count_kills(verdict, evidence)
    judge_accepting(verdict, accepted, evidence)
    judge_statuses(verdict, evidence)
    judge_handing_over(verdict, evidence)
    judge_repetitions(verdict, evidence)
    judge_callbacks(verdict, evidence)
    judge_receipts(verdict, evidence)
    return verdict


def _count_kills(verdict: Verdict, evidence: Evidence) -> None:
    kills = Counter(line["part"] for line in evidence.kills if line["what"] == "kill")
    verdict.figure("killed with -9", sum(kills.values()))
    for name, number in sorted(kills.items()):
        verdict.figure(f"  {name}", number)
    died = sum(line["what"] == "died" for line in evidence.kills)
    verdict.figure("ended by themselves, mostly without a database at the start", died)
