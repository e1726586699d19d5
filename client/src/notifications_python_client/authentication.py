"""The tokens that requests carry: HS256 JSON Web Tokens, made anew for each second (contract, section 1)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Any, Dict

from notifications_python_client.errors import (
    TokenAlgorithmError,
    TokenDecodeError,
    TokenExpiredError,
    TokenIssuedAtError,
    TokenIssuerError,
)

CLOCK_LEEWAY_SECONDS = 30


def _base64url(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


_HEADER = _base64url(b'{"typ":"JWT","alg":"HS256"}')


def create_jwt_token(secret: str, client_id: str) -> str:
    """Make the token for a request; all of a second have the same.

    Args:
        secret: the API key's secret, its last 36 characters.
        client_id: the service id, which becomes the claim `iss`.

    Returns:
        The token, good for 30 seconds either side of this machine's clock.
    """
    return _token(secret, client_id, int(time.time()))


@lru_cache(maxsize=16)
def _token(secret: str, client_id: str, issued_at: int) -> str:
    """A program that sends many messages makes hundreds of requests a second, all with this token."""
    claims = json.dumps({"iss": client_id, "iat": issued_at}, separators=(",", ":"))
    signed = _HEADER + b"." + _base64url(claims.encode())
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + _base64url(signature)).decode("ascii")


def get_token_issuer(token: str) -> str:
    """Say who claims to have issued a token, without checking its signature.

    Args:
        token: the token's text.

    Returns:
        The claim `iss`.

    Raises:
        TokenDecodeError: it is not a token.
        TokenIssuerError: it has no issuer.
    """
    claims = _decoded(token, "", verify_signature=False)
    if claims.get("iss") is None:
        raise TokenIssuerError("Invalid token: it does not say who issued it (iss)", claims)
    return str(claims["iss"])


def decode_jwt_token(token: str, secret: str) -> Dict[str, Any]:
    """Check a token's signature and time.

    Args:
        token: the token's text.
        secret: what it should be signed with.

    Returns:
        The token's claims.

    Raises:
        TokenAlgorithmError: signed with something other than HS256.
        TokenDecodeError: not a token, or signed with another secret.
        TokenExpiredError: issued over 30 seconds before or after now, or past its `exp`.
        TokenIssuerError: no `iss`.
        TokenIssuedAtError: no `iat`, or not a number.
    """
    claims = _decoded(token, secret)
    if claims.get("iss") is None:
        raise TokenIssuerError("Invalid token: it does not say who issued it (iss)", claims)
    issued_at = claims.get("iat")
    if isinstance(issued_at, bool) or not isinstance(issued_at, (int, float)):
        raise TokenIssuedAtError("Invalid token: it does not say when it was issued (iat)", claims)
    if abs(time.time() - issued_at) > CLOCK_LEEWAY_SECONDS:
        raise TokenExpiredError("Invalid token: issued too long ago, or one of the clocks is wrong", claims)
    return claims


def _decoded(token: str, secret: str, *, verify_signature: bool = True) -> Dict[str, Any]:
    # Only those who check tokens need PyJWT; clients make them, and start faster without it.
    import jwt  # noqa: PLC0415 - see above

    # iat is left to our caller: releases of PyJWT differ in what they make of it.
    options: Any = {"verify_signature": verify_signature, "verify_iat": False}
    try:
        return jwt.decode(token, secret, algorithms=["HS256"], options=options, leeway=CLOCK_LEEWAY_SECONDS)
    except jwt.InvalidAlgorithmError as error:
        raise TokenAlgorithmError("Invalid token: it must be signed with HS256", token) from error
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as error:
        raise TokenExpiredError("Invalid token: its time has passed or not yet come", token) from error
    except jwt.InvalidTokenError as error:
        raise TokenDecodeError("Invalid token: it cannot be decoded with this secret", token) from error
