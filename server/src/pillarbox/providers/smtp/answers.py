"""What a relay's replies mean for an email: taken, later, never, or nobody knows.

| where | reply | answer |
| --- | --- | --- |
| connecting, signing in, MAIL | any refusal | Busy: the relay does not want us, whatever the email |
| RCPT, DATA, content | 4xx | Busy |
| RCPT, content | 5xx about the recipient's address or mailbox | Accepted, with the failure as receipt |
| RCPT | other 5xx (relaying denied, signing in required) | Busy: it is about us, not about the recipient |
| DATA, content | other 5xx (spam, too big) | Rejected |
| content | the connection broke | Unknown; before that: Busy |

RFC 5321, section 4.2; RFC 3463 for enhanced codes.
"""

import re
from typing import Final

from pillarbox.messages.impersonal import impersonal
from pillarbox.messages.posts import ReceiptStatus
from pillarbox.providers.base import Accepted, Answer, Busy, Rejected, Unknown
from pillarbox.providers.smtp.conversation import Reply, Said

# The mailbox is full, or takes nothing so large: the address may be good for other emails.
FULL: Final = frozenset({"5.2.2", "5.2.3"})
_ABOUT_THE_SENDER: Final = frozenset({"5.1.7", "5.1.8", "5.1.9"})
_UNROUTABLE: Final = "5.4.4"
_SAYS_NOTHING: Final = frozenset({None, "5.0.0"})
_RELAYING = re.compile(r"\brelay", re.IGNORECASE)


def answer(said: Said, taken: Accepted) -> Answer:
    """Return the provider's answer; `taken` is the one for an email that the relay took."""
    if said.is_taken:
        return taken
    if said.reply is None:
        reason = said.broken or "the conversation broke"
        return Unknown(reason) if said.stage == "CONTENT" else Busy(reason)
    return _refused(said, said.reply)


def _refused(said: Said, reply: Reply) -> Answer:
    code, reason = reply.enhanced or str(reply.code), impersonal(f"{reply.code} {reply.text}")
    if reply.code < 500:
        return Busy(reason, code, our_fault=said.stage == "RCPT" and _waits_alone(reply))
    if said.stage == "MAIL":
        return Busy(reason, code)
    failure = _failure_of_recipient(said, reply)
    if failure is not None:
        return Accepted(receipt=failure, code=code, reason=reason)
    return Busy(reason, code) if said.stage == "RCPT" else Rejected(reason, code)


def _waits_alone(reply: Reply) -> bool:
    """Whether only this recipient has to wait (greylisting, a busy mailbox), and the relay is well."""
    return reply.code == 450 if reply.enhanced is None else reply.enhanced.startswith(("4.1.", "4.2."))


def _failure_of_recipient(said: Said, reply: Reply) -> ReceiptStatus | None:
    code = reply.enhanced
    if code in _ABOUT_THE_SENDER:
        return None
    if code in FULL or (code in _SAYS_NOTHING and reply.code == 552 and said.stage == "RCPT"):
        return "temporary-failure"
    if code in _SAYS_NOTHING:
        about = said.stage == "RCPT" and reply.code in {550, 551, 553} and not _RELAYING.search(reply.text)
        return "permanent-failure" if about else None
    return "permanent-failure" if code == _UNROUTABLE or str(code).startswith(("5.1.", "5.2.")) else None
