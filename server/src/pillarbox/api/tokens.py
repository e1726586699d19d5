"""Tokens: JSON Web Tokens with HS256 (RFC 7519), read and checked in the contract's order (section 1).

Own code rather than a library's: it is on the way of every request, and the order in which failures are found is part
of the contract.
"""

import hmac
import math
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from functools import lru_cache
from typing import Any, TypeGuard

import msgspec

CLOCK_LEEWAY = 30  # seconds
_USUAL_LENGTH = 1000  # longer ones are not kept in memory
_OBJECTS = msgspec.json.Decoder(dict[str, Any])


class UnreadableTokenError(Exception):
    """The token is no JSON Web Token, or one with claims that we refuse."""


class WrongClockError(Exception):
    """The token was issued too long ago, or in the future."""


class WrongAlgorithmError(Exception):
    """The token is signed with another algorithm than HS256."""


class Token(msgspec.Struct, frozen=True):
    """A token that was read, but whose signature nobody has checked yet."""

    algorithm: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    @classmethod
    def read(cls, text: str) -> "Token":
        """Take a token apart.

        Raises:
            UnreadableTokenError: if it is no JSON Web Token.
        """
        return _read_again(text) if len(text) < _USUAL_LENGTH else _read(text)

    def is_signed_with(self, secret: bytes) -> bool:
        """Whether this secret signed the token.

        Raises:
            WrongAlgorithmError: whatever the secret, if the algorithm is not HS256.
        """
        if self.algorithm != "HS256":
            raise WrongAlgorithmError
        sign = _sign_again if len(self.signed) < _USUAL_LENGTH else _sign
        return hmac.compare_digest(sign(secret, self.signed), self.signature)

    def check_claims(self, now: float) -> None:
        """See whether the token is good at this moment (seconds since the epoch).

        Raises:
            WrongClockError: issued more than 30 s ago or ahead, or not good yet.
            UnreadableTokenError: expired, or meant for somebody else.
        """
        issued = self.claims["iat"]
        if not _is_number(issued) or issued > now + CLOCK_LEEWAY:
            raise WrongClockError
        if _moment(self.claims.get("nbf"), 0) > now + CLOCK_LEEWAY:
            raise WrongClockError
        if _moment(self.claims.get("exp"), math.inf) <= now - CLOCK_LEEWAY:
            raise UnreadableTokenError
        if self.claims.get("aud") is not None:
            raise UnreadableTokenError
        if int(now) - issued > CLOCK_LEEWAY:
            raise WrongClockError


def _read(text: str) -> Token:
    try:
        encoded = text.encode("ascii")
        header, claims, signature = encoded.split(b".")
        signed = encoded[: -len(signature) - 1]
        return Token(_algorithm(header), _json(claims), signed, _decode(signature))
    except (ValueError, Base64Error, msgspec.DecodeError, RecursionError) as error:
        raise UnreadableTokenError from error


def _sign(secret: bytes, signed: bytes) -> bytes:
    return hmac.digest(secret, signed, "sha256")


# `iat` counts seconds, so all the tokens that a program makes within one are the same. What changes with time or with
# the database, whether a token is good at this moment and for whom, is not kept.
_read_again = lru_cache(maxsize=1024)(_read)
_sign_again = lru_cache(maxsize=1024)(_sign)


def _moment(claim: object, default: float) -> float:
    if claim is None:
        return default
    if not _is_number(claim):
        raise UnreadableTokenError
    return claim


def _is_number(claim: object) -> TypeGuard[float]:
    return isinstance(claim, int | float) and not isinstance(claim, bool) and math.isfinite(claim)


@lru_cache(maxsize=256)
def _algorithm(header: bytes) -> str:
    """Headers are nearly always the same few bytes."""
    algorithm = _json(header).get("alg")
    if not isinstance(algorithm, str):
        raise ValueError("no algorithm")  # noqa: TRY004 - one kind of failure for the caller
    return algorithm


def _json(segment: bytes) -> dict[str, Any]:
    return _OBJECTS.decode(_decode(segment))


def _decode(segment: bytes) -> bytes:
    return urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
