"""What providers tell us: receipts and received texts, as they came and as they are read (contract, section 9)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal, Protocol

import msgspec

PostKind = Literal["receipt", "received_text"]
ReceiptStatus = Literal["delivered", "pending", "temporary-failure", "permanent-failure", "technical-failure"]


class Post(msgspec.Struct, frozen=True):
    """What a provider sent us, word for word; kept before anybody reads it.

    Attributes:
        provider: the name that the operator gave to the provider.
        kind: what it tells of.
        body: the bytes that came; for a request without a body they are empty and `query` says it all.
        content_type: how the body is written, as its sender says.
        query: the query of the URL, without the question mark.
    """

    provider: str
    kind: PostKind
    body: bytes
    content_type: str = ""
    query: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """What a provider says became of one message.

    Attributes:
        reference: the notification's id, or the provider's own reference if `theirs`.
        status: the status that it stands for; None if it says nothing that matters (buffered at the network).
        if_pending: the status that it stands for instead if an earlier receipt was `pending`.
        theirs: whether `reference` is what the provider answered when it took the message.
        code: the provider's own code, for the timeline.
        reason: the provider's words, for the timeline; never the recipient's.
        at: when it happened, if the provider says.
    """

    reference: str
    status: ReceiptStatus | None
    if_pending: ReceiptStatus | None = None
    theirs: bool = False
    code: str | None = None
    reason: str | None = None
    at: datetime | None = None


class Incoming(msgspec.Struct, frozen=True):
    """A text from somebody's phone to a service's number.

    Attributes:
        sender: the phone's number as the provider gives it.
        receiver: the service's number as the provider gives it.
        reference: the provider's id of it; the same one twice is one text. None if it has none.
        at: when the provider got it (UTC), if it says.
    """

    sender: str
    receiver: str
    content: str
    reference: str | None = None
    at: datetime | None = None


class Part(msgspec.Struct, frozen=True):
    """That a post is one part of a long text: its parts have to be read together, whoever they were brought to.

    Attributes:
        group: what all parts of that text have in common, and no other text of these days has.
        number: which part it is, from 1.
        of: how many parts there are.
    """

    group: str
    number: int
    of: int


News = Receipt | Incoming | Part

JOINED = (
    "; joined"  # ends the content type of a post whose body is the bodies of several, one after the other
)


class Caller(msgspec.Struct, frozen=True):
    """Who posts: what is needed to find out whether it is the provider.

    Attributes:
        address: the IP address that the request came from.
        headers: names in lower case.
        url: where the request was sent to, as the world outside writes it, with its query: some signatures cover it.
    """

    address: str
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    url: str = ""


class Reply(msgspec.Struct, frozen=True):
    """What a post is answered once it has been kept: an HTTP status, a body and its type."""

    status: int
    body: str
    content_type: str = "application/json"


RECEIPT_TAKEN = Reply(200, '{"result":"success"}')
TEXT_TAKEN = Reply(200, '{"status":"ok"}')


class UnauthorisedPostError(Exception):
    """Whoever posts is not the provider. `missing` if there were no credentials at all."""

    def __init__(self, *, missing: bool) -> None:
        super().__init__("no credentials" if missing else "wrong credentials")
        self.missing = missing


class UnreadablePostError(Exception):
    """A post that cannot be read; `mistakes` says why, a sentence each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = list(mistakes)


class Intake(Protocol):
    """What knows how one provider posts. It does no input or output: the API and the worker are handed it.

    Attributes:
        routes: where else than at `/providers/{name}/…` the API takes posts of a kind, for providers that know us by
            a path of their own.
    """

    name: str
    routes: Mapping[PostKind, str]

    def takes(self, kind: PostKind) -> bool:
        """Whether the provider posts such things at all."""
        ...

    def authenticate(self, post: Post, caller: Caller) -> None:
        """Let only the provider through.

        Raises:
            UnauthorisedPostError: if the caller does not show that it is the provider.
        """
        ...

    def read(self, post: Post) -> Sequence[News]:
        """Return what a post says: nothing, one thing or several.

        Raises:
            UnreadablePostError: if it is not in the provider's form.
        """
        ...

    def reply(self, kind: PostKind, *, dropped: bool = False) -> Reply:
        """Return what a post is answered; `dropped` if it is a text to a number of no service."""
        ...


class PlainIntake:
    """What intakes do whose providers want no particular answer and post nowhere else."""

    routes: Mapping[PostKind, str] = MappingProxyType({})

    def takes(self, kind: PostKind) -> bool:  # noqa: ARG002 - both kinds alike
        """It takes whatever comes."""
        return True

    def reply(self, kind: PostKind, *, dropped: bool = False) -> Reply:  # noqa: ARG002 - either way it was taken
        """Every post is answered with success (contract, section 9)."""
        return RECEIPT_TAKEN if kind == "receipt" else TEXT_TAKEN
