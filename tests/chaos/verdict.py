"""What a storm has shown: figures, and whatever contradicts the promises.

The promises: what got a 201 is handed over, ends in a status that is true, and its service is told; no receipt that was
acknowledged is lost; a message goes out twice only where somebody died between a provider's answer and our commit.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from tests.chaos.evidence import Evidence, Line
from tests.chaos.scene import fate
from tests.chaos.senders import Accepted

FINAL = ("delivered", "permanent-failure", "temporary-failure", "technical-failure")
_WAITING = ("sending", "pending")
# For how long Pillarbox waits for an answer at most, and how long it may take to write it down.
_PATIENCE = {"gateway": 10.0, "smsc": 3.0, "relay": 30.0}
_QUICK, _WRITING = 5.0, 3.0  # seconds until an answer comes if the counterpart does not stall
_LEASE = 10.0
_RETRIES = 48


@dataclass
class Verdict:
    """Figures in the order in which they are shown, and complaints."""

    figures: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def table(self) -> str:
        """For people."""
        width = max(map(len, self.figures))
        rows = [f"  {name:<{width}}  {number:>7,}" for name, number in self.figures.items()]
        return "\n".join([*rows, *(f"  WRONG: {one}" for one in self.complaints[:50])])


class Judge:
    """Looks at the evidence, promise by promise."""

    def __init__(self, accepted: Accepted, evidence: Evidence) -> None:
        self._accepted = accepted
        self._evidence = evidence
        self._told = self._receipts_by_message()
        self._verdict = Verdict()

    def judge(self) -> Verdict:
        """All promises."""
        self._count_accepted()
        self._check_statuses()
        self._check_handing_over()
        self._check_repetitions()
        self._check_callbacks()
        self._check_receipts()
        return self._verdict

    def _figure(self, name: str, number: int) -> None:
        self._verdict.figures[name] = number

    def _wrong(self, message: Line | str, what: str) -> None:
        name = (
            message
            if isinstance(message, str)
            else f"{message['channel']} {message['id']} {message['token']}"
        )
        self._verdict.complaints.append(f"{name}: {what}")

    def _receipts_by_message(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = {}
        for line in self._evidence.told:
            identifier = self._evidence.meant_by(line)
            if identifier is not None:
                found.setdefault(identifier, []).append(line)
        return found

    def _count_accepted(self) -> None:
        kills = [line for line in self._evidence.kills if line["what"] == "kill"]
        self._figure("killed with -9", len(kills))
        for name, number in sorted(Counter(line["part"] for line in kills).items()):
            self._figure(f"  {name}", number)
        self._figure("accepted with 201", len(self._accepted.ids))
        self._figure("requests without 201", sum(self._accepted.failures.values()))
        unheard = self._evidence.messages.keys() - self._accepted.ids.values()
        self._figure("  stored all the same, the answer was lost", len(unheard))
        for token, identifier in self._accepted.ids.items():
            if identifier not in self._evidence.messages:
                self._wrong(f"{identifier} {token}", "got a 201 and is not in the database")
        tokens = Counter(message["token"] for message in self._evidence.messages.values())
        for token, number in tokens.items():
            if number > 1:
                self._wrong(token, f"is there {number} times: its idempotency key was not recognised")

    def _check_statuses(self) -> None:
        statuses = Counter(message["status"] for message in self._evidence.messages.values())
        for status in (*FINAL, *_WAITING):
            self._figure(f"status {status}", statuses.pop(status, 0))
        for status, number in statuses.items():
            self._figure(f"status {status}", number)
        for message in self._evidence.messages.values():
            if message["status"] not in (allowed := self._honest(message)):
                self._wrong(message, f"is {message['status']}, which should be {' or '.join(allowed)}")

    def _honest(self, message: Line) -> tuple[str, ...]:
        """The statuses that are true of a message, by what its providers told us of it."""
        told = {line["status"] for line in self._told.get(message["id"], [])}
        last = fate(message["token"])
        if last in told:
            return (last,)
        if _given_up(message):
            return ("technical-failure",)
        return _WAITING if "pending" in told else ("sending",)

    def _check_handing_over(self) -> None:
        messages = self._evidence.messages.values()
        taken = [one for one in messages if one["token"] in self._evidence.taken]
        others = [one for one in messages if one["token"] not in self._evidence.taken]
        unsure = [one for one in others if "unknown" in _answers(one)]
        self._figure("handed over: a provider took it", len(taken))
        self._figure("handed over: the provider broke off, nobody knows", len(unsure))
        for message in others:
            if message in unsure:
                self._check_breaking_off(message)
            elif not _given_up(message):
                self._wrong(message, f"was never handed over; its attempts: {_answers(message)}")

    def _check_breaking_off(self, message: Line) -> None:
        """It was read, and then the connection was cut, or the provider died: the book says so."""
        refused = self._evidence.refused.get(message["token"], [])
        provider = next(one["provider"] for one in message["timeline"] if one.get("answer") == "unknown")
        broke_off = any(line["provider"] == provider for line in refused)
        if not (broke_off or self._died(provider, message["created"])):
            self._wrong(message, f"is said to have been broken off by {provider}, which knows nothing of it")

    def _died(self, part: str, since: float) -> bool:
        return any(line["part"] == part and line["at"] >= since for line in self._evidence.kills)

    def _check_repetitions(self) -> None:
        causes: Counter[str] = Counter()
        for token, lines in self._evidence.taken.items():
            for first, second in pairwise(lines):
                cause = self._cause(first, second)
                causes[cause or "nobody died"] += 1
                if cause is None:
                    self._wrong(token, f"went out twice though nobody died: {dict(first)} and {dict(second)}")
        self._figure("went out twice", sum(causes.values()))
        for cause, number in causes.items():
            self._figure(f"  {cause} between answer and commit", number)
        known = sum(len(lines) for lines in self._evidence.known.values())
        self._figure("sent again and recognised by its reference", known)

    def _cause(self, first: Line, second: Line) -> str | None:
        """Who died after the first was taken and before its answer can have been written down."""
        stalled = first["fault"] == "stall"
        wait = _PATIENCE[first["provider"]] if stalled else min(_QUICK, _PATIENCE[first["provider"]])
        until = min(first["at"] + wait + _WRITING, second["at"])
        for began, over, part in self._outages():
            if began <= until and over >= first["at"]:
                return f"{part} died"
        return None

    def _outages(self) -> list[tuple[float, float, str]]:
        """A worker takes with it what it had in hand. The database holds up commits, and leases run out meanwhile."""
        found = []
        for number, line in enumerate(self._evidence.kills):
            if line["what"] == "start":
                continue
            if line["part"].startswith("worker"):
                found.append((line["at"], line["at"], "a worker"))
            elif line["part"] in ("postgres", "backend"):
                rest = self._evidence.kills[number:]
                back = next(
                    (one["at"] for one in rest if one["what"] == "start" and one["part"] == "postgres"), 0
                )
                over = max(line["at"], back if line["part"] == "postgres" else 0) + _LEASE
                found.append((line["at"], over, "PostgreSQL"))
        return sorted(found, key=lambda outage: outage[2] != "a worker")

    def _check_callbacks(self) -> None:
        ended = Counter(self._callback(message) for message in self._evidence.messages.values())
        for name in ("told", "told after failures", "gave up, on record", "refused, on record"):
            self._figure(f"callback {name}", ended[name])

    def _callback(self, message: Line) -> str:
        if message["status"] not in FINAL:
            return "none"
        calls = self._evidence.calls.get(message["id"], [])
        heard = [line["status"] for line in self._evidence.heard.get(message["id"], [])]
        last = calls[-1]["outcome"] if calls else None
        if set(heard) - {message["status"]}:
            self._wrong(message, f"is {message['status']}, but its service heard {heard}")
        if last == "done" and message["status"] in heard:
            return "told" if len(calls) == 1 else "told after failures"
        if last == "failed":
            return "refused, on record"
        if last == "gave up" and calls[-1]["attempt"] > 5:
            return "gave up, on record"
        self._wrong(
            message, f"is {message['status']}; record of its callback: {[one['outcome'] for one in calls]}"
        )
        return "missing"

    def _check_receipts(self) -> None:
        evidence = self._evidence
        kept = [bytes(post["body"]) for post in evidence.posts if post["provider"] == "smsc"]
        nameless = [line for line in evidence.told if evidence.meant_by(line) is None]
        for line in nameless:
            if not any(line["theirs"].encode() in body for body in kept):
                self._wrong(line["token"], f"the SMSC's receipt for {line['theirs']} is lost")
        self._figure("receipts acknowledged", len(evidence.told))
        self._figure("  of references that we were never told, put aside", len(nameless))
        for identifier, lines in self._told.items():
            self._check_timeline(identifier, lines)

    def _check_timeline(self, identifier: str, lines: list[Line]) -> None:
        message = self._evidence.messages.get(identifier)
        if message is None:
            self._wrong(identifier, "was handed over and is not in the database")
            return
        events = Counter(
            (one["provider"], one.get("status")) for one in message["timeline"] if one["what"] == "receipt"
        )
        told = Counter((line["provider"], line["status"]) for line in lines)
        if told - events:
            self._wrong(message, f"receipts are not in its timeline: {dict(told - events)}")


def _answers(message: Line) -> list[str]:
    return [one["answer"] for one in message["timeline"] if one["what"] == "attempt"]


def _given_up(message: Line) -> bool:
    """After as many attempts as there are, or since the provider never wants it."""
    answers = _answers(message)
    return len(answers) > _RETRIES or "rejected" in answers
