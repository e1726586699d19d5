"""What an operator writes about a relay (docs/reference/providers.md)."""

import re
from collections.abc import Sequence
from typing import Literal

from pillarbox.providers.kinds import Options

_BOUNCE_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,27}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class Relay(Options, frozen=True, kw_only=True):
    """The server that emails are handed to.

    Attributes:
        connections: how many one worker holds at most.
        bounce_address: where bounces go; each email has one of its own, `local+<id>@domain`. None: From.
        relayed_is_delivered: whether handed on to a server that reports nothing counts as delivered.
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
        return found
