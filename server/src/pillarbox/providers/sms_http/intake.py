"""How a gateway tells us of things: receipts and texts, read as its description says."""

from collections.abc import Mapping, Sequence

from pillarbox.messages.posts import (
    Caller,
    Incoming,
    News,
    Post,
    PostKind,
    Receipt,
    Reply,
    UnreadablePostError,
)
from pillarbox.providers.sms_http import description as described
from pillarbox.providers.sms_http.credentials import checks
from pillarbox.providers.sms_http.fields import Item, Reader
from pillarbox.providers.sms_http.times import reader

_LONGEST = 300


class HttpIntake:
    """Reads what a gateway posts.

    Args:
        name: what the operator calls the gateway.
        description: how it posts.
        values: the operator's.
    """

    def __init__(self, name: str, description: described.Description, values: Mapping[str, str]) -> None:
        self.name = name
        found: dict[PostKind, described.Receipts | described.ReceivedTexts | None] = {
            "receipt": description.receipts,
            "received_text": description.received_texts,
        }
        self._described = {kind: posts for kind, posts in found.items() if posts}
        self._checks = {kind: checks(posts, values) for kind, posts in self._described.items()}
        self.routes: Mapping[PostKind, str] = {
            kind: posts.route for kind, posts in self._described.items() if posts.route
        }
        self._receipts = description.receipts and _Receipts(description.receipts)
        self._texts = description.received_texts and _Texts(description.received_texts)

    def takes(self, kind: PostKind) -> bool:
        """Whether the description says anything of such posts."""
        return kind in self._described

    def authenticate(self, post: Post, caller: Caller) -> None:
        """Let only the gateway through.

        Raises:
            UnauthorisedPostError: if the caller does not show that it is the gateway.
        """
        for check in self._checks[post.kind]:
            check(post, caller)

    def read(self, post: Post) -> Sequence[News]:
        """Return what a post says.

        Raises:
            UnreadablePostError: if it is not in the gateway's form.
        """
        if post.kind == "receipt" and self._receipts:
            return self._receipts.read(post)
        if post.kind == "received_text" and self._texts:
            return self._texts.read(post)
        raise UnreadablePostError([f"{self.name} posts nothing of this kind"])

    def reply(self, kind: PostKind, *, dropped: bool = False) -> Reply:
        """Return what the description says that a post is answered."""
        posts = self._described[kind]
        other = posts.dropped if dropped and isinstance(posts, described.ReceivedTexts) else None
        said = other or posts.reply
        return Reply(said.status, said.body, said.type)


class _Receipts:
    """Reads receipts."""

    def __init__(self, receipts: described.Receipts) -> None:
        self._described = receipts
        time = receipts.time
        self._time = time and reader(time)
        fields = [
            receipts.reference,
            receipts.status,
            receipts.code,
            receipts.reason,
            time.field if time else None,
        ]
        self._reader = Reader(receipts, fields)

    def read(self, post: Post) -> Sequence[Receipt]:
        return [self._receipt(item) for item in self._reader.items(post)]

    def _receipt(self, item: Item) -> Receipt:
        asked = self._described
        status, reference = _needed(item, (asked.status, asked.reference), asked.missing)
        code = _short(item.get(asked.code))
        by_code = asked.codes.get(status, {}).get(code or "")
        meaning = by_code or asked.statuses.get(status, asked.otherwise)
        when = item.get(asked.time.field) if asked.time else None
        return Receipt(
            reference=reference,
            status=None if meaning == "nothing" else meaning,
            theirs=asked.names == "theirs",
            if_pending=None if by_code else asked.if_pending.get(status),
            code=code,
            reason=_short(item.get(asked.reason) or status),
            at=self._time(when) if self._time and when else None,
        )


class _Texts:
    """Reads received texts."""

    def __init__(self, texts: described.ReceivedTexts) -> None:
        self._described = texts
        time = texts.time
        self._time = time and reader(time)
        fields = [texts.sender, texts.receiver, texts.content, texts.reference, time.field if time else None]
        self._reader = Reader(texts, fields)

    def read(self, post: Post) -> Sequence[Incoming]:
        return [self._text(item) for item in self._reader.items(post)]

    def _text(self, item: Item) -> Incoming:
        asked = self._described
        sender, receiver = _needed(item, (asked.sender, asked.receiver), asked.missing)
        when = item.get(asked.time.field) if asked.time else None
        return Incoming(
            sender=sender,
            receiver=receiver,
            content=item.get(asked.content) or "",  # people do send empty texts
            reference=item.get(asked.reference),
            at=self._time(when) if self._time and when else None,
        )


def _needed(item: Item, names: tuple[str, str], missing: str) -> tuple[str, str]:
    """Return two fields; both are named if both are missing."""
    first, second = (item.get(name) for name in names)
    if first is None or second is None:
        absent = [name for name, found in zip(names, (first, second), strict=True) if found is None]
        raise UnreadablePostError([missing.replace("{field}", name) for name in absent])
    return first, second


def _short(text: str | None) -> str | None:
    return text and text[:_LONGEST]
