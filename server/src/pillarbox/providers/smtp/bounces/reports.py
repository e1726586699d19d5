"""Delivery status notifications, as machines write them for machines (RFC 3464, RFC 6533).

Action: failed      4.x.x temporary-failure, 5.x.x permanent-failure, but for a full mailbox and expired time
Action: delayed     nothing yet
Action: delivered, expanded      delivered
Action: relayed     delivered, unless the operator says otherwise: it went on to a server that reports nothing
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pillarbox.messages.impersonal import impersonal
from pillarbox.providers.smtp.bounces.mail import Part, fields
from pillarbox.providers.smtp.bounces.verdicts import Verdict, code_in, failure

_KINDS = ("message/delivery-status", "message/global-delivery-status")
_BLANK = re.compile(r"\n[ \t]*\n")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_TYPE = re.compile(r"^[ \w-]{1,40};")
_MOST_GROUPS = 50
_DONE = ("delivered", "expanded", "relayed")
# An email may have gone on to several people; the best news of them count.
_BEST_FIRST = ("delivered", None, "temporary-failure", "permanent-failure")


def report_in(mail: Part) -> str | None:
    """Return the text of the report in a message, if there is one."""
    return next((leaf.text for leaf in mail.leaves() if leaf.kind in _KINDS), None)


def envelope_id(report: str) -> str:
    """Return the id that the sender gave to the email; empty if the report does not say."""
    return fields(_BLANK.split(report.lstrip("\n"), 1)[0]).get("original-envelope-id", "")


def verdict_of(report: str, *, relayed_is_delivered: bool = True) -> Verdict | None:
    """Return what a report says of its recipient; None if it says nothing."""
    groups = [fields(group) for group in _BLANK.split(report, _MOST_GROUPS)]
    verdicts = [
        _verdict(group, action.split()[0].lower(), relayed_is_delivered=relayed_is_delivered)
        for group in groups
        if (action := group.get("action", "").strip())
    ]
    known = [verdict for verdict in verdicts if verdict]
    return min(known, key=lambda verdict: _BEST_FIRST.index(verdict.status), default=None)


def _verdict(group: Mapping[str, str], action: str, *, relayed_is_delivered: bool) -> Verdict | None:
    words = _TYPE.sub("", group.get("diagnostic-code", "")).strip()
    code, reason, at = _code(group, words), impersonal(words) or None, _moment(group)
    if action in _DONE:
        waits = action == "relayed" and not relayed_is_delivered
        return Verdict(None if waits else "delivered", code, reason, at)
    if action == "delayed":
        return Verdict(None, code, reason, at)
    return Verdict(failure(code, words), code, reason, at) if action == "failed" else None


def _code(group: Mapping[str, str], words: str) -> str | None:
    """The status, unless the words of the other server say more."""
    found = _STATUS.match(group.get("status", ""))
    if found is None or found[0].endswith(".0.0"):
        return code_in(words) or (found[0] if found else None)
    return found[0]


def _moment(group: Mapping[str, str]) -> datetime | None:
    try:
        moment = parsedate_to_datetime(group.get("last-attempt-date", "")[:60])
        return moment.replace(tzinfo=moment.tzinfo or UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
