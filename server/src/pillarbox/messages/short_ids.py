"""Short ids: UUIDs in the 22 characters that links to files have."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID


class ShortIdError(ValueError):
    """A text is no UUID in URL-safe base64."""


def shorten(full: UUID) -> str:
    """A UUID as URL-safe base64 without padding."""
    return urlsafe_b64encode(full.bytes).rstrip(b"=").decode("ascii")


def lengthen(short: str) -> UUID:
    """The UUID that URL-safe base64 stands for, with or without its padding.

    Raises:
        ShortIdError: the text stands for none.
    """
    try:
        return UUID(bytes=urlsafe_b64decode(f"{short}=="))
    except ValueError as error:
        raise ShortIdError(str(error)) from error
