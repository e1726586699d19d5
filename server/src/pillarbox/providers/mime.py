"""Emails in the form in which they travel (RFC 5322, RFC 2046)."""

from binascii import b2a_qp
from datetime import UTC, datetime
from email.utils import format_datetime

from pillarbox.providers import mime_headers
from pillarbox.providers.base import EmailMessage


def message_id(message: EmailMessage) -> str:
    """Return the Message-ID: made from the notification's id, so that every attempt carries the same one."""
    return f"<{message.notification_id}@{ascii_domain(message.from_address)}>"


def build(message: EmailMessage, now: datetime | None = None) -> bytes:
    """Return the email as bytes, with plain text and HTML as alternatives.

    Raises:
        UnicodeError: if an address cannot be written in ASCII.
    """
    boundary = f"=_{message.notification_id.hex}"  # these two characters are in no quoted-printable text
    headers = _headers(message, now or datetime.now(UTC))
    headers["MIME-Version"] = "1.0"
    headers["Content-Type"] = f'multipart/alternative;\r\n boundary="{boundary}"'
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    parts = _part(boundary, "plain", message.plain) + _part(boundary, "html", message.html)
    return f"{head}\r\n".encode("ascii") + parts + f"--{boundary}--\r\n".encode("ascii")


def _headers(message: EmailMessage, now: datetime) -> dict[str, str]:
    headers = {
        "From": mime_headers.mailbox(message.from_name, message.from_address),
        "To": mime_headers.address_in_ascii(message.to),
        "Subject": mime_headers.text(message.subject, taken=len("Subject: ")),
        "Date": format_datetime(now),
        "Message-ID": message_id(message),
    }
    if message.reply_to:
        headers["Reply-To"] = mime_headers.address_in_ascii(message.reply_to)
    return headers | {name: mime_headers.url(value) for name, value in message.headers.items()}


def _part(boundary: str, kind: str, content: str) -> bytes:
    head = (
        f'--{boundary}\r\nContent-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    lines = content.replace("\r\n", "\n").replace("\r", "\n").encode()
    return head.encode("ascii") + b2a_qp(lines).replace(b"\n", b"\r\n") + b"\r\n"


def ascii_address(address: str) -> str:
    """Return the address with its domain in ASCII form, as it stands in the envelope."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{mime_headers.domain_in_ascii(domain)}"


def ascii_domain(address: str) -> str:
    """Return the domain of an address in ASCII form."""
    return mime_headers.domain_in_ascii(address.rpartition("@")[2])
