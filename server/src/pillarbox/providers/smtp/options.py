"""What an operator writes about a relay (docs/reference/providers.md)."""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from pillarbox.providers.dkim import Signer, UnfitKeyError, read_key
from pillarbox.providers.kinds import Options

_DNS_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_BOUNCE_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,27}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class Dkim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How emails are signed: the DNS has the public key at `<selector>._domainkey.<domain>`."""

    domain: str
    selector: str
    private_key: str

    def mistakes(self) -> Sequence[str]:
        """What is wrong, a sentence each."""
        found = [
            f"dkim.{name} must be a name as the DNS has them"
            for name in ("domain", "selector")
            if not _DNS_NAME.fullmatch(getattr(self, name))
        ]
        try:
            read_key(self.private_key)
        except UnfitKeyError as error:
            found.append(f"dkim.private_key is of no use: {error}")
        return found

    def signer(self) -> Signer:
        """Return what signs like this."""
        return Signer(self.domain, self.selector, read_key(self.private_key))


class Relay(Options, frozen=True, kw_only=True):
    """The server that emails are handed to.

    Attributes:
        connections: how many one worker holds at most.
        bounce_address: where bounces go; each email has one of its own, `local+<id>@domain`. None: From.
        bounces: where `pillarbox up` takes bounces (SMTP), such as `127.0.0.1:2525`. None: nowhere.
        relayed_is_delivered: whether handed on to a server that reports nothing counts as delivered.
        dkim: how emails are signed. None: they are not, or by the relay.
        delivered_after_hours: an email of which nothing was heard for so long counts as delivered. None: never.
    """

    host: str
    port: int = 25
    tls: Literal["none", "starttls", "implicit"] = "starttls"
    username: str | None = None
    password: str | None = None
    connections: int = 10
    bounce_address: str | None = None
    relayed_is_delivered: bool = True
    delivered_after_hours: float | None = None
    dkim: Dkim | None = None
    bounces: str | None = None

    def mistakes(self) -> Sequence[str]:
        """What cannot be, though each option by itself could."""
        found = []
        if (self.username is None) != (self.password is None):
            found.append("username and password go together: one is missing")
        if not 1 <= self.connections <= 100:
            found.append(f"connections is {self.connections} but must be from 1 to 100")
        if self.bounce_address is not None and not _BOUNCE_ADDRESS.fullmatch(self.bounce_address):
            found.append(
                "bounce_address must be like bounces@notify.example.org, at most 27 characters before the @"
            )
        if self.delivered_after_hours is not None and not 0 < self.delivered_after_hours < 72:
            found.append("delivered_after_hours must be more than 0 and less than 72")
        if self.bounces is not None:
            try:
                place(self.bounces)
            except ValueError as error:
                found.append(f"bounces is wrong: {error}")
        return [*found, *(self.dkim.mistakes() if self.dkim else ())]


def place(written: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:2525`, `[::1]:2525` or `localhost:2525`.

    Raises:
        ValueError: if it is not written so.
    """
    host, colon, port = written.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65_535):
        raise ValueError(f"{written!r} is not a host and a port, such as 127.0.0.1:2525")
    return host.strip("[]"), int(port)
