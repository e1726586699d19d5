"""Links by which recipients unsubscribe: they hold the email's id and the address, sealed, and are good for a year."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from pillarbox.store.sealing import Seal, SealBrokenError

_LIFETIME = timedelta(days=365)


class InvalidLinkError(Exception):
    """The token was not made by us, or is too old."""


class Link(msgspec.Struct, frozen=True):
    """What a link says: which email it came with, and to whom that went."""

    notification_id: UUID
    recipient: str


def unsubscribe_path(seal: Seal, notification_id: str, recipient: str, now: datetime) -> str:
    """Return the path of a link; another one at each call."""
    sealed = seal.close(f"{now.timestamp():.0f} {notification_id} {recipient}")
    return f"/unsubscribe/{notification_id}/{urlsafe_b64encode(sealed).decode().rstrip('=')}"


def link_of(seal: Seal, token: str) -> Link:
    """Return what a token says.

    Raises:
        InvalidLinkError: if the token is none of ours or over a year old.
    """
    try:
        opened = seal.open(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        made, identifier, recipient = opened.split(
            " ", 2
        )  # what else was sealed with this key has no such form
        expires = datetime.fromtimestamp(int(made), UTC) + _LIFETIME
        link = Link(UUID(identifier), recipient)
    except (SealBrokenError, Base64Error, ValueError, OverflowError) as error:
        raise InvalidLinkError from error
    if expires < datetime.now(UTC):
        raise InvalidLinkError
    return link
