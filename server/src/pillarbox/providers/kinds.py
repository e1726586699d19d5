"""What each kind of provider says of itself, so that the providers file can name it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from pillarbox.messages.posts import Intake, Post
from pillarbox.providers.base import EmailMessage, EmailProvider, SmsMessage, SmsProvider
from pillarbox.rehearsal.stage import Stage

KeepPost = Callable[[Post], Awaitable[None]]


class Keep(Protocol):
    """Keeps a message where the inbox finds it, or why it was not taken, where people see it."""

    async def __call__(self, message: SmsMessage | EmailMessage, /, refusal: str | None = None) -> None:
        """Keep it; the same one again changes nothing, unless it is taken now."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What a provider may need of the product around it.

    Attributes:
        keep: keeps a message where the inbox finds it.
        keep_post: keeps what a provider told us; it has been committed once this returns.
        api_url: where providers reach our API, without a slash at the end, for receipts.
        stage: where the sandbox finds the rules to play by; None if there are none.
    """

    keep: Keep
    keep_post: KeepPost
    api_url: str
    stage: Stage | None = None


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an operator writes under `options`; each kind has its own."""

    def mistakes(self) -> Sequence[str]:
        """What is wrong beyond the types, a sentence each that begins with the option's name."""
        return ()


@dataclass(frozen=True)
class Kind:
    """One kind of provider.

    Attributes:
        name: as it stands in the providers file.
        channels: what it can send.
        options: the type of its options.
        provider: makes one from its name, its options and its surroundings.
        intake: makes what reads its posts; None if it posts nothing over HTTP and tells us nothing beside.
    """

    name: str
    channels: frozenset[str]
    options: type[Options]
    provider: Callable[[str, Any, Surroundings], SmsProvider | EmailProvider]
    intake: Callable[[str, Any], Intake] | None = None
