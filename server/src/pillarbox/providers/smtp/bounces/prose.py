"""Bounces that are written for people: qmail's, Exim's, sendmail's, Exchange's and their like.

They count only if they come from a mail system (no envelope sender, or a From such as MAILER-DAEMON) and say so in
their subject or their first words. What people's programs answer by themselves (out of office) is no bounce.
"""

import re

from pillarbox.messages.impersonal import impersonal
from pillarbox.providers.smtp.bounces.mail import Part
from pillarbox.providers.smtp.bounces.verdicts import Verdict, code_in, failure

_MOST_READ = 16_384  # characters, before the email that it returns
_TAG = re.compile(r"<[^<>]*>")
_SYSTEM = re.compile(
    r"mailer-?daemon|postmaster|mail delivery|mail ?system|microsoft ?exchange|delivery ?subsystem|mdaemon",
    re.IGNORECASE,
)
_ANSWERED_BY_ITSELF = re.compile(
    r"\s*(?:auto(?:matic|mated)?[ -:]*(?:reply|response|antwort)|out of (?:the )?office|away from|on leave|vacation"
    r"|réponse automatique|abwesenheit|automatische antwort|risposta automatica|respuesta automática)",
    re.IGNORECASE,
)
_ANSWERING_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation")
_SUBJECT = re.compile(
    r"undeliver|non-?deliver|could not be delivered|mail delivery|delayed mail|message delay|failure notice"
    r"|delivery (?:status|failure|has failed|failed|report|problem|error|notification)|mail (?:system )?error"
    r"|returned mail|return(?:ed|ing)(?: message)? to sender|warning: (?:could not send|message)|unzustellbar",
    re.IGNORECASE,
)
_FIRST_WORDS = re.compile(
    r"qmail-send program|able to deliver|(?:could not|couldn't|couldn’t|cannot|can't|wasn't|was not|not been|not be)"
    r" (?:be )?delivered|did(?: not|n't|n’t) reach|delivery (?:has )?failed|delivery to the following|undeliver"
    r"|permanent fatal errors|transcript of session|mail delivery software|unable to deliver|failed permanently"
    r"|has been delayed|delayed by",
    re.IGNORECASE,
)
_STILL_TRYING = re.compile(
    r"delay|warning: could not send|still being retried|will be retried|not yet been delivered|no action is required"
    r"|you do not need to resend|will continue|keep trying",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"^[- >*]{0,20}(?:below this line is a copy|this is a copy of|the (?:header|body) of the original|original message"
    r"|original headers|unsent message|message headers? follow|included is a copy|-+ ?forwarded message"
    r"|return-path:|received:)",
    re.IGNORECASE | re.MULTILINE,
)


def verdict_of(mail: Part, sender: str | None) -> Verdict | None:
    """Return what a message says became of an email; None if it is no bounce.

    `sender` is the envelope sender: empty for a bounce as it should be, None if nobody knows.
    """
    if _answers_by_itself(mail):
        return None
    subject, words = mail.headers.get("subject", "")[:500], _words(mail)
    if not ("x-failed-recipients" in mail.headers or _is_bounce(mail, sender, subject, words)):
        return None
    code = code_in(words)
    if _STILL_TRYING.search(subject) or (_STILL_TRYING.search(words) and not code):
        return Verdict(None, code, impersonal(subject))
    return Verdict(failure(code, words), code, _reason(words, code))


def _answers_by_itself(mail: Part) -> bool:
    headers = mail.headers
    return (
        any(name in headers for name in _ANSWERING_HEADERS)
        or headers.get("precedence", "").lower() == "auto_reply"
        or bool(_ANSWERED_BY_ITSELF.match(headers.get("subject", "")[:500]))
    )


def _is_bounce(mail: Part, sender: str | None, subject: str, words: str) -> bool:
    by_a_system = sender == "" or bool(_SYSTEM.search(mail.headers.get("from", "")[:500]))
    return by_a_system and bool(_SUBJECT.search(subject) or _FIRST_WORDS.search(words[:2000]))


def _words(mail: Part) -> str:
    """What the mail system says, without the email that it returns."""
    texts = (leaf for leaf in mail.leaves() if leaf.kind in {"text/plain", "text/html"})
    leaf = next(texts, mail)
    words = leaf.text[: 4 * _MOST_READ]
    if leaf.kind == "text/html":
        words = _TAG.sub(" ", words)
    return _COPY.split(words, 1)[0][:_MOST_READ]


def _reason(words: str, code: str | None) -> str | None:
    """The line with the code, or the last words if there is none."""
    lines = [line for line in words.split("\n") if line.strip()]
    found = [line for line in lines if code and code in line]
    return impersonal((found or lines[-1:] or [""])[0].strip()) or None
