"""Emails in the form in which they travel (RFC 5322, RFC 2046)."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage as MimeMessage
from email.policy import SMTP
from email.utils import format_datetime

from pillarbox.providers.base import EmailMessage

_UNSAFE = str.maketrans({"\r": " ", "\n": " ", "\x00": " "})


def message_id(message: EmailMessage) -> str:
    """Return the Message-ID: made from the notification's id, so that every attempt carries the same one."""
    return f"<{message.notification_id}@{ascii_domain(message.from_address)}>"


def build(message: EmailMessage, now: datetime | None = None) -> bytes:
    """Return the email as bytes, with plain text and HTML as alternatives."""
    mime = MimeMessage(policy=SMTP)
    mime["From"] = Address(
        message.from_name.translate(_UNSAFE), addr_spec=ascii_address(message.from_address)
    )
    mime["To"] = _address(message.to)
    mime["Subject"] = message.subject.translate(_UNSAFE)
    mime["Date"] = format_datetime(now or datetime.now(UTC))
    mime["Message-ID"] = message_id(message)
    if message.reply_to:
        mime["Reply-To"] = _address(message.reply_to)
    for name, value in message.headers.items():
        mime[name] = value.translate(_UNSAFE)
    mime.set_content(message.plain, cte="quoted-printable")
    mime.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mime.as_bytes()


def ascii_address(address: str) -> str:
    """Return the address with its domain in ASCII form (IDNA 2003, as addresses are checked)."""
    local, _, _ = address.rpartition("@")
    return f"{local}@{ascii_domain(address)}"


def ascii_domain(address: str) -> str:
    """Return the domain of an address in ASCII form."""
    domain = address.rpartition("@")[2]
    return domain if domain.isascii() else domain.encode("idna").decode()


def _address(address: str) -> Address:
    local, _, domain = ascii_address(address).rpartition("@")
    return Address(username=local, domain=domain)
