"""What the sandbox needs of the product to play by rules."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from pillarbox.messages.posts import Post
from pillarbox.rehearsal.rules import Rule, Scene


class Stage(Protocol):
    """Where rules are found and counted, and where posts wait for their time."""

    async def rule(self, scene: Scene, standing: Sequence[Rule]) -> Rule | None:
        """Return the rule that a message falls under, and count that it applied; None if there is none.

        Rules set at run time come first, then the `standing` ones of the providers file.
        """
        ...

    async def post(self, post: Post, seconds: float) -> None:
        """Keep a post that is to be read in so many seconds; it has been committed once this returns."""
        ...

    async def number_of(self, service_id: UUID) -> str | None:
        """Return the number at which a service receives texts, if it has one."""
        ...
