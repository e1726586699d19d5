"""Where the API key comes from: the environment or the system's keyring, never the command line's arguments.

Arguments are seen by everybody on the machine and kept in the shell's history.
"""

from __future__ import annotations

import os

import click
import keyring
from keyring.errors import KeyringError

VARIABLE = "NOTIFY_API_KEY"
KEYRING_SERVICE = "notify"


def find(profile: str) -> str:
    """Give the API key of a profile.

    Raises:
        UsageError: there is none.
    """
    key = os.environ.get(VARIABLE) or _kept(profile)
    if not key:
        raise click.UsageError(f"There is no API key: set {VARIABLE}, or keep one with `notify key set`")
    return key


def keep(profile: str, key: str) -> None:
    """Put a key into the keyring."""
    keyring.set_password(KEYRING_SERVICE, profile, key)


def forget(profile: str) -> None:
    """Take a key out of the keyring."""
    keyring.delete_password(KEYRING_SERVICE, profile)


def _kept(profile: str) -> str | None:
    try:
        return keyring.get_password(KEYRING_SERVICE, profile)
    except KeyringError:
        # Servers and containers often have no keyring; that is no reason to fail differently.
        return None
