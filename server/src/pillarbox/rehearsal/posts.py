"""What the sandbox posts, as a real provider would: kept as it comes, read and applied by the worker."""

from collections.abc import Sequence

import msgspec

from pillarbox.messages.posts import (
    Caller,
    Incoming,
    News,
    PlainIntake,
    Post,
    PostKind,
    Receipt,
    UnauthorisedPostError,
    UnreadablePostError,
)

INBOX = "(inbox)"
"""Who posts what people simulate in the inbox. No provider can have this name: it has brackets."""


def written(provider: str, news: News) -> Post:
    """Write down what happened, in the sandbox's own form."""
    kind: PostKind = "receipt" if isinstance(news, Receipt) else "received_text"
    return Post(provider, kind, msgspec.json.encode(news), "application/json")


class SandboxIntake(PlainIntake):
    """Reads what the sandbox has written. Over HTTP nobody may post in its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def takes(self, kind: PostKind) -> bool:  # noqa: ARG002 - neither kind
        """The sandbox posts nothing over HTTP."""
        return False

    def authenticate(self, post: Post, caller: Caller) -> None:  # noqa: ARG002 - whoever it is
        """Let nobody in.

        Raises:
            UnauthorisedPostError: always.
        """
        raise UnauthorisedPostError(missing="authorization" not in caller.headers)

    def read(self, post: Post) -> Sequence[News]:
        """Return the one thing that a post says.

        Raises:
            UnreadablePostError: if the sandbox did not write it.
        """
        form: type[News] = Receipt if post.kind == "receipt" else Incoming
        try:
            return [msgspec.json.decode(post.body, type=form)]
        except msgspec.MsgspecError as error:
            raise UnreadablePostError([str(error)]) from error
