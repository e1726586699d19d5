"""What a gateway's answer means: one of the four that every provider gives."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pillarbox.providers.base import Accepted, Answer, Busy, Rejected, Unknown
from pillarbox.providers.sms_http import description as described
from pillarbox.providers.sms_http.finding import Finder, Said, finder, statuses

_LONGEST_WAIT = 3600.0
_PEOPLE = re.compile(r"[^\s<>]+@[^\s<>]+|\+?\d[\d ]{5,}\d")
_KINDS = ("rejected", "busy", "account", "unknown")
_USUAL: dict[str, list[described.Status]] = {"busy": ["5xx", 429], "account": ["3xx", 401, 402, 403, 407]}


@dataclass(frozen=True)
class Check:
    """Whether an answer is one that was described: by its status, and what must be in it."""

    statuses: frozenset[int]
    where: tuple[tuple[Finder, frozenset[str]], ...]

    @classmethod
    def of(cls, accepted: described.Accepted) -> "Check":
        """Return the check that is described."""
        where = tuple((finder(one), frozenset(one.one_of)) for one in accepted.where)
        return cls(statuses(accepted.statuses), where)

    def passes(self, said: Said) -> bool:
        """Whether all that is asked for holds."""
        if said.status not in self.statuses:
            return False
        for find, texts in self.where:
            found = find(said)
            if found is None or (texts and found not in texts):
                return False
        return True

    def is_unreadable(self, said: Said) -> bool:
        """Whether the status is right, but what should stand in the answer does not."""
        return said.status in self.statuses and not all(find(said) for find, _ in self.where)


class Judge:
    """Knows what answers mean.

    Args:
        answers: what the description says of them.
        receipts_name_it: whether receipts come with the gateway's reference.
    """

    def __init__(self, answers: described.Answers, *, receipts_name_it: bool) -> None:
        self._accepted = Check.of(answers.accepted)
        self._reference = finder(answers.reference)
        self._code = finder(answers.code)
        self._reason = finder(answers.reason)
        self._receipts_name_it = receipts_name_it
        kinds = {name: getattr(answers, name) for name in _KINDS}
        self._by_code = {code: name for name, kind in kinds.items() for code in kind.codes}
        usual = {one: name for name, written in _USUAL.items() for one in statuses(written)}
        groups, single = _by_status(kinds, hundreds=True), _by_status(kinds, hundreds=False)
        self._by_status = usual | groups | single

    def judge(self, said: Said) -> Answer:
        """Return what an answer means. An accepted message whose reference cannot be found is accepted all the same."""
        if self._accepted.passes(said):
            return Accepted(reference=self._reference(said), receipts_name_it=self._receipts_name_it)
        code = self._code(said)
        kind = self._by_code.get(code or "") or self._by_status.get(said.status)
        if kind is None and self._accepted.is_unreadable(said):
            kind = "unknown"
        reason = _reason(said.status, code, self._reason(said))
        if kind == "unknown":
            return Unknown(reason)
        if kind in ("busy", "account"):
            return Busy(reason, code, again_in=_wait(said.headers.get("Retry-After")))
        return Rejected(reason, code)


def _by_status(kinds: dict[str, described.Kind], *, hundreds: bool) -> dict[int, str]:
    """What stands for a status of its own wins over what stands for all of a hundred."""
    return {
        status: name
        for name, kind in kinds.items()
        for status in statuses([one for one in kind.statuses if str(one).endswith("xx") is hundreds])
    }


def _reason(status: int, code: str | None, words: str | None) -> str:
    """Gateways like to quote the recipient; we do not."""
    said = " ".join(part for part in (str(status), code, words and _PEOPLE.sub("…", words[:200])) if part)
    return f"answered {said}"


def _wait(header: str | None) -> float | None:
    """Return the seconds that Retry-After asks for, within reason (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    if header.isascii() and header.isdigit() and len(header) < 10:
        return min(float(header), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    wait = (moment - datetime.now(UTC)).total_seconds() if moment.tzinfo else 0.0
    return min(max(wait, 0.0), _LONGEST_WAIT)
