"""Why a message is refused: one error type, a kind that the caller of the action turns into an answer, a sentence."""

from enum import Enum


class Kind(Enum):
    """What sort of refusal it is."""

    BAD_REQUEST = "bad request"
    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    INVALID_PHONE = "invalid phone"
    INVALID_EMAIL = "invalid email"
    DAILY_LIMIT = "daily limit"
    UNSTORABLE = "unstorable"


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The message is not accepted; nothing was stored. The message is the public API contract's, to the letter."""

    def __init__(self, message: str, kind: Kind = Kind.BAD_REQUEST, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.details = details
