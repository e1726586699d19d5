"""Signing emails, so that whoever gets them can see that the domain sent them (DKIM: RFC 6376; Ed25519: RFC 8463).

Headers and body are signed in their relaxed forms, which relays that fold or trim lines do not break.
"""

import re
from base64 import b64encode
from hashlib import sha256
from time import time
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_LEAST_BITS: Final = 1024  # what verifiers must accept at least (RFC 8301)
_SIGNED: Final = (
    *("from", "to", "subject", "date", "reply-to", "message-id", "mime-version", "content-type"),
    *("list-unsubscribe", "list-unsubscribe-post"),  # RFC 8058 wants both signed
)
# Signed once more than they are there: a second one, which mail programs might show instead, breaks the signature.
_ONLY_ONCE: Final = frozenset({"from", "to", "subject", "date", "reply-to"})
_FOLD = re.compile(r"\r\n(?=[ \t])")
_SPACES = re.compile(r"[ \t]+")
_SEVERAL = re.compile(rb"  +")

SigningKey = RSAPrivateKey | Ed25519PrivateKey


class UnfitKeyError(ValueError):
    """What was given is no key that can sign emails."""


def read_key(pem: str) -> SigningKey:
    """Return a private key.

    Raises:
        UnfitKeyError: unless it is an RSA key of 1024 bits or more or an Ed25519 key, in PEM and not encrypted.
    """
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnfitKeyError("it is no private key in PEM without a password") from error
    if isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= _LEAST_BITS):
        return key
    raise UnfitKeyError(f"it must be an RSA key of {_LEAST_BITS} bits or more, or an Ed25519 key")


class Signer:
    """Signs for one domain.

    Args:
        domain: the domain that vouches; best the one that emails come from.
        selector: under which name its DNS has the key: `<selector>._domainkey.<domain>`.
        key: the private key.
    """

    def __init__(self, domain: str, selector: str, key: SigningKey) -> None:
        self._key = key
        algorithm = "rsa-sha256" if isinstance(key, RSAPrivateKey) else "ed25519-sha256"
        self._start = f"v=1; a={algorithm}; c=relaxed/relaxed;\r\n d={domain}; s={selector};"

    def sign(self, mime: bytes, now: int | None = None) -> bytes:
        """Return an email with its signature in front; its lines end in CRLF, and its headers are ASCII."""
        head, _, body = mime.partition(b"\r\n\r\n")
        headers = _headers(head.decode("ascii"))
        names = [name for name in _SIGNED if name in headers]
        listed = names + [name for name in _SIGNED if name in _ONLY_ONCE]
        body_hash = b64encode(sha256(_relaxed_body(body)).digest()).decode()
        value = (
            f"{self._start} t={int(time()) if now is None else now};\r\n h={_in_lines(':'.join(listed), ':')};"
            f"\r\n bh={body_hash};\r\n b="
        )
        said = "".join(f"{name}:{headers[name]}\r\n" for name in names) + f"dkim-signature:{_relaxed(value)}"
        signature = b64encode(self._signature(said.encode("ascii"))).decode()
        return f"DKIM-Signature: {value}{_in_lines(signature)}\r\n".encode("ascii") + mime

    def _signature(self, said: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(said, PKCS1v15(), hashes.SHA256())
        return self._key.sign(sha256(said).digest())


def _headers(head: str) -> dict[str, str]:
    """Headers in their relaxed form (RFC 6376, section 3.4.2); ours are each there once."""
    lines = (line.partition(":") for line in _FOLD.sub("", head).split("\r\n"))
    return {name.strip().lower(): _relaxed(value) for name, _, value in lines}


def _relaxed(value: str) -> str:
    return _SPACES.sub(" ", _FOLD.sub("", value)).strip(" ")


def _relaxed_body(body: bytes) -> bytes:
    """The body in its relaxed form (RFC 6376, section 3.4.4)."""
    body = _SEVERAL.sub(b" ", body.replace(b"\t", b" ")).replace(b" \r\n", b"\r\n")
    text = body.rstrip(b"\r\n")
    return text + b"\r\n" if text else b""


def _in_lines(value: str, after: str = "") -> str:
    """A long value in lines of some 70 characters, which may break only `after` a character, if one is given."""
    if not after:
        return "\r\n ".join(value[start : start + 70] for start in range(0, len(value), 70))
    return re.sub(rf"(.{{50,70}}{after})", r"\1" + "\r\n ", value)
