"""A real SMTP server that keeps what it is given, for counting and reading."""

import asyncio
import email
import email.policy
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port
from tests.support.processes import wait_until


@dataclass(frozen=True)
class Mail:
    """One message as it came: the envelope's addresses and what stood between."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, taken apart."""
        return cast(EmailMessage, email.message_from_bytes(self.raw, policy=email.policy.default))

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    def part(self, kind: str) -> str:
        """The text of the first part of a kind, such as text/html."""
        for part in self.message.walk():
            if part.get_content_type() == kind:
                return str(part.get_content())
        raise AssertionError(f"no part {kind} in {[part.get_content_type() for part in self.message.walk()]}")


class MailCatcher:
    """Takes every message, after so many seconds of thought.

    `answers` may hold replies (`451 try later`) that the next messages get instead.
    """

    def __init__(self, port: int, seconds: float = 0) -> None:
        self.port = port
        self._seconds = seconds
        self.answers: list[str] = []
        self._mails: list[Mail] = []
        self._lock = threading.Lock()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Called by aiosmtpd with every message."""
        await asyncio.sleep(self._seconds)
        with self._lock:
            if self.answers:
                return self.answers.pop(0)
            raw = envelope.content if isinstance(envelope.content, bytes) else b""
            self._mails.append(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
        return "250 Message accepted for delivery"

    @property
    def mails(self) -> list[Mail]:
        """All messages taken so far, in order."""
        with self._lock:
            return list(self._mails)

    def sent_to(self, recipient: str) -> list[Mail]:
        """The messages taken for one recipient."""
        return [mail for mail in self.mails if recipient in mail.recipients]

    def counts(self) -> Counter[str]:
        """How often each recipient was written to."""
        return Counter(recipient for mail in self.mails for recipient in mail.recipients)

    def wait_for(self, recipient: str, within: float = 10) -> Mail:
        """The first message to a recipient, as soon as it is there."""
        wait_until(lambda: bool(self.sent_to(recipient)), within, f"an email to {recipient}")
        return self.sent_to(recipient)[0]


@contextmanager
def mail_catcher(seconds: float = 0) -> Iterator[MailCatcher]:
    """A catcher on a free port of loopback, for as long as the block lasts."""
    catcher = MailCatcher(free_port(), seconds)
    controller = Controller(catcher, hostname="127.0.0.1", port=catcher.port)
    controller.start()
    try:
        yield catcher
    finally:
        controller.stop()
