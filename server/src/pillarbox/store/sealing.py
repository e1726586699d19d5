"""Secrets at rest: AES-256-GCM, the key from settings or a file (design: promise 6)."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class SealBrokenError(Exception):
    """The stored value was not sealed with this key: the secret key has changed or the row was tampered with."""


class Seal:
    """Seals and opens short secrets (API keys' secrets, callbacks' tokens) with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, secret: str) -> bytes:
        """Return the secret as it may be stored: a nonce of 12 bytes, then ciphertext and tag."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), None)

    def open(self, sealed: bytes) -> str:
        """Return the secret.

        Raises:
            SealBrokenError: if it was sealed with another key.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
        except InvalidTag as error:
            raise SealBrokenError(
                "A stored secret cannot be opened with this secret key: "
                "check PILLARBOX_SECRET_KEY or the file secret.key in the data directory"
            ) from error
