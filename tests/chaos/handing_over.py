"""What got a 201 is in the database, was handed over, and has a status that is true."""

from collections import Counter
from datetime import datetime

from tests.chaos.evidence import Evidence, Line
from tests.chaos.scene import fate
from tests.chaos.senders import Accepted
from tests.chaos.verdict import Verdict

FINAL = ("delivered", "permanent-failure", "temporary-failure", "technical-failure")
# For how many seconds Pillarbox waits for an answer at most, and how long it may take to write it down.
PATIENCE = {"gateway": 10.0, "smsc": 3.0, "relay": 30.0}
WRITING = 2.0
_WAITING = ("sending", "pending")
_RETRIES = 48


def judge_accepting(verdict: Verdict, accepted: Accepted, evidence: Evidence) -> None:
    """Everything that got a 201 is there, once."""
    verdict.figure("accepted with 201", len(accepted.ids))
    verdict.figure("requests without 201", sum(accepted.failures.values()))
    unheard = evidence.messages.keys() - accepted.ids.values()
    verdict.figure("  stored all the same, the answer was lost", len(unheard))
    for token, identifier in accepted.ids.items():
        if identifier not in evidence.messages:
            verdict.wrong(f"{identifier} {token}", "got a 201 and is not in the database")
    for token, number in Counter(one["token"] for one in evidence.messages.values()).items():
        if number > 1:
            verdict.wrong(token, f"is there {number} times: its idempotency key was not recognised")


def judge_statuses(verdict: Verdict, evidence: Evidence) -> None:
    """What the last receipt said; without one, that it is on its way."""
    messages = evidence.messages.values()
    statuses = Counter(message["status"] for message in messages)
    for status in dict.fromkeys((*FINAL, *_WAITING, *statuses)):
        verdict.figure(f"status {status}", statuses[status])
    for message in messages:
        honest = _honest(message, {line["status"] for line in evidence.told_of(message["id"])})
        if message["status"] not in honest:
            verdict.wrong(message, f"is {message['status']}, which should be {' or '.join(honest)}")


def _honest(message: Line, told: set[str]) -> tuple[str, ...]:
    """The statuses that are true of a message, by what its providers told us of it."""
    last = fate(message["token"])
    if last in told:
        return (last,)
    if _given_up(message):
        return ("technical-failure",)
    return _WAITING if "pending" in told else ("sending",)


def judge_handing_over(verdict: Verdict, evidence: Evidence) -> None:
    """A provider took it or refused it for good; or it broke off meanwhile, so that nobody can know."""
    messages = evidence.messages.values()
    others = [one for one in messages if one["token"] not in evidence.taken]
    unsure = [one for one in others if "unknown" in _answers(one)]
    refused = [one for one in others if one not in unsure and _given_up(one)]
    verdict.figure("handed over: a provider took it", len(messages) - len(others))
    verdict.figure("handed over: a provider refused it for good", len(refused))
    verdict.figure("handed over: the provider broke off, nobody knows", len(unsure))
    for message in unsure:
        _check_breaking_off(verdict, evidence, message)
    for message in others:
        if message not in unsure and message not in refused:
            verdict.wrong(message, f"was never handed over; its attempts: {_answers(message)}")


def _check_breaking_off(verdict: Verdict, evidence: Evidence, message: Line) -> None:
    """A connection was cut, or the provider died, while it had the message: the books say so."""
    attempt = next(one for one in message["timeline"] if one.get("answer") == "unknown")
    provider, until = attempt["provider"], datetime.fromisoformat(attempt["at"]).timestamp()
    since = until - PATIENCE[provider] - WRITING
    if not any(since <= at <= until for at in evidence.cuts(provider)):
        verdict.wrong(message, f"is said to have been broken off by {provider}, which knows nothing of it")


def _answers(message: Line) -> list[str]:
    return [one["answer"] for one in message["timeline"] if one["what"] == "attempt"]


def _given_up(message: Line) -> bool:
    """After as many attempts as there are, or since the provider never wants it."""
    answers = _answers(message)
    return len(answers) > _RETRIES or "rejected" in answers
