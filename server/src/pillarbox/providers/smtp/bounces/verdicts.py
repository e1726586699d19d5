"""What a failure means: the address is no good, or it may work another time (RFC 3463; contract, section 9).

A permanent bounce is a permanent-failure, any other bounce a temporary-failure.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pillarbox.messages.posts import ReceiptStatus
from pillarbox.providers.smtp.answers import FULL

_TIME_EXPIRED: Final = "5.4.7"
# The second digit keeps versions of programs (4.94.2) out, what is around it addresses of hosts (5.1.1.20).
_ENHANCED = re.compile(r"(?<![\d.])[45]\.[0-7]\.\d{1,3}(?!\.?\d)")
_BASIC = re.compile(r"(?<![^\s<:;#\"'(])[45][0-5]\d(?=[\s,:-])")
_MAY_PASS = re.compile(
    r"(?:mailbox|inbox|account|quota) (?:is |was )?(?:full|exceeded)|over ?quota|quota exceeded|storage allocation"
    r"|retry time(?:out)? (?:not reached|exceeded)|timed? ?out|expired|too long",
    re.IGNORECASE,
)
_NO_GOOD = re.compile(
    r"(?:user|recipient|address|mailbox|account|alias|domain|host) (?:is |was )?"
    r"(?:unknown|unavailable|not found|not known|disabled|inactive|closed|rejected|no longer)"
    r"|(?:unknown|no such|invalid) (?:local[ -]?part|user|recipient|address|mailbox|account|person|domain|host)"
    r"|(?:does not|doesn't|doesn’t) exist|no mailbox here|not listed in|unroutable|unrouteable"
    r"|find any host|permanent (?:fatal )?error|failed permanently",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says became of an email; `status` is None if it is still under way."""

    status: ReceiptStatus | None
    code: str | None = None
    reason: str | None = None
    at: datetime | None = None


def code_in(words: str) -> str | None:
    """Return the first code that says something: an enhanced one (5.1.1), or else a basic one (550)."""
    enhanced: list[str] = _ENHANCED.findall(words)
    telling = [code for code in enhanced if not code.endswith(".0.0")]
    basic = _BASIC.search(words)
    return next(iter(telling or enhanced), basic[0] if basic else None)


def failure(code: str | None, words: str = "") -> ReceiptStatus:
    """Return which failure a code stands for, or else words do."""
    if code is None:
        no_good = _NO_GOOD.search(words) and not _MAY_PASS.search(words)
        return "permanent-failure" if no_good else "temporary-failure"
    if code[0] == "4" or code in FULL or code == _TIME_EXPIRED:
        return "temporary-failure"
    is_basic = "." not in code
    return "temporary-failure" if is_basic and _MAY_PASS.search(words) else "permanent-failure"
