"""What an operator says of a Kannel; docs/reference/providers.md explains each option."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from urllib.parse import urlsplit

from pillarbox.providers.kinds import Options

# It stands in a URL, which Kannel takes apart without decoding it.
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{16,200}")
REPORTS = 31  # delivered, undeliverable, queued, taken by the SMSC, refused by it


class Kannel(Options, frozen=True, kw_only=True):
    """A Kannel's smsbox, and how it shows us that it is that."""

    url: str
    username: str
    password: str
    sender: str | None = None
    smsc: str | None = None
    validity_minutes: int = 2880
    receipts: bool = True
    api_url: str | None = None
    token: str | None = None
    addresses: tuple[str, ...] = ()
    passing_errors: tuple[str, ...] = ()
    status_url: str | None = None
    timeout: int = 10

    def mistakes(self) -> Sequence[str]:
        """Return what cannot be called, written into a header, or told from what others send."""
        return [*self._unusable(), *self._open_to_all(), *self._out_of_range()]

    def _unusable(self) -> Iterator[str]:
        for name in ("url", "status_url", "api_url"):
            if (value := getattr(self, name)) is not None and not _is_http(value):
                yield f"{name} must be a URL that begins with http:// or https://"
        for name in ("username", "password", "sender", "smsc"):
            if not ((value := getattr(self, name) or "").isascii() and value.isprintable()):
                yield f"{name} must be printable characters of ASCII"

    def _open_to_all(self) -> Iterator[str]:
        if self.token is None and not self.addresses:
            yield "token or addresses must be given: else anybody could say that a text has arrived"
        if self.token is not None and not _TOKEN.fullmatch(self.token):
            yield "token must be 16 to 200 letters, digits, hyphens, dots, tildes and underscores"
        for address in self.addresses:
            try:
                ip_network(address)
            except ValueError:
                yield f"addresses: {address!r} is no network; it must be like 10.0.0.0/8 or 10.1.2.3"

    def _out_of_range(self) -> Iterator[str]:
        if not 1 <= self.timeout <= 60:
            yield f"timeout is {self.timeout} but must be from 1 to 60"
        if not 0 <= self.validity_minutes <= 100_000:
            yield f"validity_minutes is {self.validity_minutes} but must be from 0 to 100000"


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


USER = "kannel"
