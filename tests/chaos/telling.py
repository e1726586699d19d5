"""Every final status was told to its service, or that is on record; no receipt that was acknowledged is lost."""

from collections import Counter

from tests.chaos.evidence import Evidence, Line
from tests.chaos.handing_over import FINAL
from tests.chaos.verdict import Verdict

_MOST_ATTEMPTS = 6


def judge_callbacks(verdict: Verdict, evidence: Evidence) -> None:
    """Told, or on record as refused or given up after all attempts."""
    ended = Counter(_ending(verdict, evidence, message) for message in evidence.messages.values())
    for name in ("told", "told after failures", "gave up, on record", "refused, on record"):
        verdict.figure(f"callback {name}", ended[name])
    unrecorded = sum(_unrecorded(calls) for calls in evidence.calls.values())
    verdict.figure("calls that died with their worker, before they were on record", unrecorded)


def _ending(verdict: Verdict, evidence: Evidence, message: Line) -> str:
    if message["status"] not in FINAL:
        return "none"
    calls = evidence.calls.get(message["id"], [])
    heard = {line["status"] for line in evidence.heard.get(message["id"], [])}
    last = calls[-1]["outcome"] if calls else None
    if heard - {message["status"]}:
        verdict.wrong(message, f"is {message['status']}, but its service heard {heard}")
    if last == "done" and message["status"] in heard:
        return "told" if len(calls) == 1 else "told after failures"
    if last == "failed":
        return "refused, on record"
    if last == "gave up" and calls[-1]["attempt"] >= _MOST_ATTEMPTS:
        return "gave up, on record"
    outcomes = [one["outcome"] for one in calls]
    verdict.wrong(message, f"is {message['status']}; the record of its callback is {outcomes}")
    return "missing"


def _unrecorded(calls: list[Line]) -> int:
    """How many numbers of attempts are missing in between."""
    return max(one["attempt"] for one in calls) - len({one["attempt"] for one in calls})


def judge_receipts(verdict: Verdict, evidence: Evidence) -> None:
    """Each is in its message's timeline; those of a reference that we were never told are kept."""
    kept = b"\n".join(bytes(post["body"]) for post in evidence.posts if post["provider"] == "smsc")
    nameless = [line for line in evidence.told if evidence.meant_by(line) is None]
    for line in nameless:
        if line["theirs"].encode() not in kept:
            verdict.wrong(line["token"], f"the SMSC's receipt for {line['theirs']} is lost")
    verdict.figure("receipts acknowledged", len(evidence.told))
    verdict.figure("  of references that we were never told, put aside", len(nameless))
    for identifier in {evidence.meant_by(line) for line in evidence.told} - {None}:
        _check_timeline(verdict, evidence, str(identifier))


def _check_timeline(verdict: Verdict, evidence: Evidence, identifier: str) -> None:
    message = evidence.messages.get(identifier)
    if message is None:
        verdict.wrong(identifier, "was handed over and is not in the database")
        return
    events = [one for one in message["timeline"] if one["what"] == "receipt"]
    noted = Counter((one["provider"], one.get("status")) for one in events)
    told = Counter((line["provider"], line["status"]) for line in evidence.told_of(identifier))
    if told - noted:
        verdict.wrong(message, f"receipts are not in its timeline: {dict(told - noted)}")
