"""A provider as the operator wants it, whether a file says so or the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pillarbox.messages.posts import Intake
from pillarbox.providers.kinds import Kind, Options


@dataclass(frozen=True)
class Configured:
    """A provider as the operator wants it.

    Attributes:
        weight: its share of the messages of its channel when all are well; 0: only when no other can.
        international: whether texts to other countries may go through it.
        senders: by country prefix, the sender that texts to that country must have with this provider.
    """

    name: str
    kind: Kind
    options: Options
    weight: int = 100
    international: bool = True
    senders: Mapping[str, str] = field(default_factory=dict)


def intakes(configured: Sequence[Configured]) -> dict[str, Intake]:
    """Return who reads the posts of which provider."""
    return {one.name: one.kind.intake(one.name, one.options) for one in configured if one.kind.intake}
