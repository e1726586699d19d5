"""From a message that came to a bounce address to what it says of a notification.

Messages are posts like those of other providers: the body is the message, the query names its envelope
(`to=…&from=…`). They come from our own listener (`pillarbox bounces`), never over HTTP.
"""

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlencode

import msgspec

from pillarbox.messages.posts import (
    Caller,
    News,
    PlainIntake,
    Post,
    PostKind,
    Receipt,
    UnauthorisedPostError,
    UnreadablePostError,
)
from pillarbox.providers.smtp.bounces import prose, reports
from pillarbox.providers.smtp.bounces.mail import MOST_READ, Part, read_mail
from pillarbox.providers.smtp.bounces.verdicts import Verdict
from pillarbox.providers.smtp.envelope import named_by

_MESSAGE = "message/rfc822"
_NOBODY = ("", "<>", "mailer-daemon")  # as commands, aiosmtpd and Postfix's pipe write it
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ENVELOPE_ID = re.compile(_ID, re.IGNORECASE)
_REFERENCE = re.compile(rf"<({_ID})@", re.IGNORECASE)
_RETURNED = re.compile(
    rf"^[> \t]{{0,8}}[\w-]{{0,40}}Message-ID:\s{{0,8}}<({_ID})@", re.IGNORECASE | re.MULTILINE
)


def post_of(provider: str, raw: bytes, recipient: str, sender: str | None) -> Post:
    """Return a message as it is kept: of a long one the beginning, which is all that is ever read.

    `sender` is the envelope sender, of a proper bounce nobody; None if it is not known.
    """
    envelope = {"to": recipient}
    if sender is not None:
        envelope["from"] = "" if sender.lower() in _NOBODY else sender
    return Post(provider, "receipt", raw[:MOST_READ], _MESSAGE, urlencode(envelope, errors="replace"))


class BounceIntake(PlainIntake):
    """Reads what came to the bounce addresses of one provider."""

    def __init__(self, name: str, *, relayed_is_delivered: bool = True) -> None:
        self.name = name
        self._relayed_is_delivered = relayed_is_delivered

    def takes(self, kind: PostKind) -> bool:  # noqa: ARG002 - neither kind
        """Bounces come by mail, not over HTTP."""
        return False

    def authenticate(self, post: Post, caller: Caller) -> None:  # noqa: ARG002 - whoever it is
        """Let nobody in.

        Raises:
            UnauthorisedPostError: always.
        """
        raise UnauthorisedPostError(missing=False)

    def read(self, post: Post) -> Sequence[News]:
        """Return what a message says: one receipt, or nothing if it is no bounce or of no notification of ours.

        A post that is no message is a receipt of our own: of an answer that said at once what became of an email.

        Raises:
            UnreadablePostError: if it is neither.
        """
        if post.content_type != _MESSAGE:
            return [_our_own(post)]
        envelope = parse_qs(post.query, keep_blank_values=True)
        mail = read_mail(post.body)
        report = reports.report_in(mail)
        verdict = self._verdict(mail, report, envelope.get("from", [None])[0])
        if verdict is None:
            return ()
        identifier = named_by(envelope.get("to", [""])[0]) or _identifier(mail, report)
        return [_receipt(identifier, verdict)] if identifier else ()

    def _verdict(self, mail: Part, report: str | None, sender: str | None) -> Verdict | None:
        if report is None:
            return prose.verdict_of(mail, sender)
        return reports.verdict_of(report, relayed_is_delivered=self._relayed_is_delivered)


def _identifier(mail: Part, report: str | None) -> str | None:
    """The id in the report, in the email that was returned, or in what the bounce answers; in this order."""
    if found := _ENVELOPE_ID.fullmatch(reports.envelope_id(report or "")):
        return found[0].lower()
    answered = mail.headers.get("in-reply-to", "") + mail.headers.get("references", "")
    found = _RETURNED.search(mail.body) or _REFERENCE.search(answered)
    return found[1].lower() if found else None


def _receipt(identifier: str, verdict: Verdict) -> Receipt:
    return Receipt(identifier, verdict.status, code=verdict.code, reason=verdict.reason, at=verdict.at)


def _our_own(post: Post) -> Receipt:
    try:
        return msgspec.json.decode(post.body, type=Receipt)
    except msgspec.MsgspecError as error:
        raise UnreadablePostError([str(error)]) from error
