"""What stands in a post, whether it came as JSON, as a form or in the query."""

from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from pillarbox.messages.posts import Post, UnreadablePostError
from pillarbox.providers.sms_http.description import Encoding, Format, Posts
from pillarbox.providers.sms_http.finding import Path, as_text, at, path

_MOST_FIELDS = 1000
_MOST_AT_ONCE = 1000


class Item:
    """One receipt or one text among what a post tells."""

    def __init__(
        self, content: dict[str, str] | Any, paths: dict[str, Path] | None, decode: "Decode"
    ) -> None:
        self._content = content
        self._paths = paths
        self._decode = decode

    def get(self, name: str | None) -> str | None:
        """Return the text of a field; None if it is empty or not there.

        Raises:
            UnreadablePostError: if it is not encoded as the gateway encodes it.
        """
        if name is None:
            return None
        found = self._content.get(name) if self._paths is None else at(self._content, self._paths[name])
        text = as_text(found)
        return self._decode(name, text) if text else None


Decode = Callable[[str, str], str]


class Reader:
    """Reads the fields of posts.

    Args:
        posts: how the gateway posts.
        names: the fields that will be asked for.
    """

    def __init__(self, posts: Posts, names: Sequence[str | None]) -> None:
        self._format = posts.format
        self._each = path(posts.each) if posts.each else None
        self._encodings = posts.encodings
        in_json = posts.format in ("json", "any")
        self._paths = {name: path(name) for name in names if name and in_json}

    def items(self, post: Post) -> list[Item]:
        """Return all that a post tells of.

        Raises:
            UnreadablePostError: if it is not in the gateway's form.
        """
        form = format_of(post, self._format)
        if form != "json":
            return [Item(dict(pairs(post, form)), None, self._decoded)]
        content = document(post)
        listed = [content] if self._each is None else at(content, self._each)
        if not isinstance(listed, list) or len(listed) > _MOST_AT_ONCE:
            raise UnreadablePostError(["there is no list where one should be, or it is too long"])
        return [Item(one, self._paths, self._decoded) for one in listed]

    def _decoded(self, name: str, text: str) -> str:
        encoding = self._encodings.get(name)
        return text if encoding is None else decoded(text, encoding, name)


def format_of(post: Post, described: Format) -> Format:
    """Return how a post is written; if the gateway may choose, it is seen from the post."""
    if described != "any":
        return described
    if not post.body:
        return "query"
    return "json" if "json" in post.content_type.lower() else "form"


def document(post: Post) -> Any:
    """Return a body of JSON.

    Raises:
        UnreadablePostError: if it is none.
    """
    try:
        return msgspec.json.decode(post.body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise UnreadablePostError(["the body is no JSON"]) from error


def pairs(post: Post, form: Format) -> list[tuple[str, str]]:
    """Return the fields of a form or a query, in their order.

    Raises:
        UnreadablePostError: if there are too many.
    """
    written = post.query if form == "query" else post.body.decode(errors="replace")
    try:
        return parse_qsl(written, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise UnreadablePostError(["there are too many fields"]) from error


def decoded(text: str, encoding: Encoding, name: str) -> str:
    """Return what an encoded text stands for.

    Raises:
        UnreadablePostError: if it is not encoded like that.
    """
    try:
        if encoding == "url":
            return unquote_plus(text)
        if encoding == "base64":
            return b64decode(text, validate=True).decode()
        return bytes.fromhex(text).decode("utf-16-be")
    except ValueError as error:
        raise UnreadablePostError([f"{name} is not encoded as {encoding}"]) from error
