"""The verdict on a storm finds what contradicts the promises, and only that."""

import pytest

from tests.chaos.evidence import Evidence
from tests.chaos.handing_over import judge_accepting, judge_handing_over, judge_statuses
from tests.chaos.repetitions import cause_of, outages_of
from tests.chaos.scene import fate
from tests.chaos.senders import Accepted
from tests.chaos.telling import judge_callbacks, judge_receipts
from tests.chaos.verdict import Verdict

ID = "0198c0de-0000-7000-8000-000000000001"
TOKEN = next(token for number in range(100) if fate(token := f"x{number:016x}x") == "delivered")
TAKEN = {"at": 100.0, "provider": "smsc", "who": "worker-1", "fault": None}
RECEIPT = {"what": "receipt", "provider": "gateway", "status": "delivered"}
TOLD = {"provider": "gateway", "status": "delivered", "reference": ID, "token": TOKEN}
CALL = {"id": ID, "attempt": 1, "outcome": "done"}


def evidence(
    *, status="delivered", timeline=(RECEIPT,), told=(TOLD,), calls=(CALL,), taken=(TAKEN,), heard=True
):
    message = {"id": ID, "token": TOKEN, "channel": "sms", "status": status, "timeline": list(timeline)}
    return Evidence(
        messages={ID: message},
        calls={ID: list(calls)} if calls else {},
        names={},
        posts=[],
        heard={ID: [{"status": status}]} if heard else {},
        taken={TOKEN: list(taken)} if taken else {},
        known={},
        refused={},
        told=list(told),
        kills=[],
    )


def complaints(found, accepted=ID):
    verdict = Verdict()
    judge_accepting(verdict, Accepted({TOKEN: accepted}), found)
    judge_statuses(verdict, found)
    judge_handing_over(verdict, found)
    judge_callbacks(verdict, found)
    judge_receipts(verdict, found)
    return verdict.complaints


UNKNOWN = {"what": "attempt", "answer": "unknown", "provider": "smsc", "at": "2026-01-01T00:00:00.000000Z"}
AGAIN = [{"id": ID, "attempt": number, "outcome": "again"} for number in range(1, 6)]


@pytest.mark.parametrize(
    ("found", "accepted", "words"),
    [
        (evidence(), "another", "is not in the database"),
        (evidence(status="sending"), ID, "should be delivered"),
        (evidence(told=()), ID, "should be sending"),
        (evidence(status="created", timeline=(), told=(), calls=()), ID, "should be sending"),
        (evidence(timeline=()), ID, "not in its timeline"),
        (evidence(calls=()), ID, "the record of its callback is []"),
        (evidence(heard=False), ID, "the record of its callback is ['done']"),
        (evidence(calls=AGAIN), ID, "the record of its callback is ['again'"),
        (evidence(taken=()), ID, "never handed over"),
        (evidence(taken=(), timeline=(RECEIPT, UNKNOWN)), ID, "knows nothing of it"),
    ],
)
def test_what_contradicts_a_promise_is_found(found, accepted, words):
    assert any(words in one for one in complaints(found, accepted))


@pytest.mark.parametrize(
    "found",
    [
        evidence(),
        evidence(calls=[*AGAIN, {"id": ID, "attempt": 6, "outcome": "gave up"}]),
        evidence(calls=[{"id": ID, "attempt": 1, "outcome": "failed"}]),
        evidence(status="sending", timeline=(), told=(), calls=(), heard=False),
    ],
)
def test_what_is_as_promised_is_not_complained_of(found):
    assert complaints(found) == []


def killed(part, at, back=None):
    lines = [{"what": "kill", "part": part, "at": at}]
    return lines + ([{"what": "start", "part": part, "at": back}] if back else [])


@pytest.mark.parametrize(
    ("kills", "cause"),
    [
        ([], None),
        (killed("worker-1", 100.1), "the worker died"),
        (killed("worker-1", 99.9), None),  # before it was taken
        (killed("worker-1", 109.0), None),  # its answer was long written down
        (killed("worker-2", 100.1), None),  # which did not have it
        (killed("smsc", 100.1), None),
        (killed("postgres", 98.0, back=99.0), "PostgreSQL died"),  # until it was noticed that it is back
        (killed("postgres", 90.0, back=91.0), None),
        (killed("backend", 100.1), "PostgreSQL died"),
    ],
)
def test_only_a_death_between_answer_and_commit_explains_that_a_message_went_out_twice(kills, cause):
    assert cause_of(TAKEN, TAKEN | {"at": 110.0}, outages_of(kills)) == cause
