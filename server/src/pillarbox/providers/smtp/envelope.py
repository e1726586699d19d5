"""What goes around an email: the commands that name its sender and its recipient (RFC 5321, section 3.3).

The sender is where bounces go. With a bounce address such as `bounces@notify.example.org` each notification has one of
its own, `bounces+<its id>@notify.example.org`, so that even a bounce that says nothing tells which email it is about.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from pillarbox.providers.base import EmailMessage
from pillarbox.providers.mime_headers import address_in_ascii

_VERP = re.compile(r"[^@]*\+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
_NOT_XTEXT = re.compile(r"[^!-*,-<>-~]")
_NEVER_IN_A_COMMAND = re.compile(r"[\x00-\x20<>\x7f]")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Both addresses in ASCII form, and the id by which delivery status notifications name the email."""

    sender: str
    recipient: str
    identifier: str

    @classmethod
    def of(cls, message: EmailMessage, bounce_address: str | None) -> "Envelope":
        """Return the envelope of an email.

        Raises:
            ValueError: if an address cannot stand in a command (UnicodeError: since it is not ASCII).
        """
        sender = verp(bounce_address, message.notification_id) if bounce_address else message.from_address
        envelope = cls(address_in_ascii(sender), address_in_ascii(message.to), str(message.notification_id))
        if _NEVER_IN_A_COMMAND.search(envelope.sender + envelope.recipient):
            raise ValueError("an address holds what would end it")
        return envelope

    def commands(self, *, dsn: bool) -> tuple[bytes, bytes]:
        """Return the MAIL and the RCPT command; `dsn` asks for delivery status notifications (RFC 3461)."""
        mail, rcpt = f"MAIL FROM:<{self.sender}>", f"RCPT TO:<{self.recipient}>"
        if dsn:
            mail += f" RET=HDRS ENVID={xtext(self.identifier)}"
            rcpt += f" NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{xtext(self.recipient)}"
        return f"{mail}\r\n".encode("ascii"), f"{rcpt}\r\n".encode("ascii")


def verp(bounce_address: str, notification_id: UUID) -> str:
    """Return the bounce address of one notification (a variable envelope return path)."""
    local, _, domain = bounce_address.rpartition("@")
    return f"{local}+{notification_id}@{domain}"


def named_by(recipient: str) -> str | None:
    """Return the id of the notification whose bounce address this is; None if it is nobody's."""
    found = _VERP.match(recipient[:320])
    return found[1].lower() if found else None


def xtext(value: str) -> str:
    """Return ASCII text as it stands in parameters of commands (RFC 3461, section 4)."""
    return _NOT_XTEXT.sub(lambda match: f"+{ord(match[0]):02X}", value)
