"""Whether a post comes from the gateway: all that the description asks for must hold (contract, section 9)."""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

from pillarbox.messages.posts import Caller, Post, UnauthorisedPostError, UnreadablePostError
from pillarbox.providers.sms_http import description as described
from pillarbox.providers.sms_http.fields import document, format_of, pairs
from pillarbox.providers.sms_http.finding import as_text
from pillarbox.providers.sms_http.writing import basic, settled


class Check(Protocol):
    """One thing that must hold."""

    def __call__(self, post: Post, caller: Caller) -> None:
        """Raise UnauthorisedPostError if it does not hold."""
        ...


def checks(posts: described.Posts, values: Mapping[str, str]) -> Sequence[Check]:
    """Return all that must hold for posts of a kind.

    Args:
        posts: how the gateway posts.
        values: the operator's.
    """
    asked = posts.authentication
    if asked == "none" or (asked.optional and not any(_secrets(asked, values))):
        return []
    found: list[Check] = []
    if asked.addresses:
        found.append(_Addresses(asked.addresses))
    if asked.basic:
        user, password = settled(asked.basic.username, values), settled(asked.basic.password, values)
        found.append(_HeaderIs("authorization", basic(user, password), scheme="basic "))
    if asked.bearer:
        found.append(_HeaderIs("authorization", f"Bearer {settled(asked.bearer, values)}", scheme="bearer "))
    if asked.header:
        found.append(_HeaderIs(asked.header.name.lower(), settled(asked.header.value, values)))
    if asked.signature:
        found.append(_Signed(asked.signature, settled(asked.signature.secret, values), posts.format))
    return found


def lacks_secret(posts: described.Posts, values: Mapping[str, str]) -> bool:
    """Whether a password, token or key is empty that posts must show: everybody could."""
    asked = posts.authentication
    return asked != "none" and not asked.optional and not all(_secrets(asked, values))


def _secrets(asked: described.Credentials, values: Mapping[str, str]) -> list[str]:
    """What the operator has given of what only the gateway and we know."""
    written = [
        asked.basic and asked.basic.password,
        asked.bearer,
        asked.header and asked.header.value,
        asked.signature and asked.signature.secret,
    ]
    return [settled(one, values) for one in written if one]


class _HeaderIs:
    """A header with one certain value. The name of a scheme may be written in any case (RFC 9110, section 11.1)."""

    def __init__(self, name: str, value: str, scheme: str = "") -> None:
        self._name = name
        self._scheme = scheme
        self._value = value[len(scheme) :].encode()

    def __call__(self, post: Post, caller: Caller) -> None:  # noqa: ARG002 - others look at the post
        given = caller.headers.get(self._name, "")
        if not given or given[: len(self._scheme)].lower() != self._scheme:
            raise UnauthorisedPostError(missing=True)
        if not hmac.compare_digest(given[len(self._scheme) :].strip().encode(), self._value):
            raise UnauthorisedPostError(missing=False)


class _Addresses:
    """An IP address in one of these networks."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = [ip_network(one) for one in networks]

    def __call__(self, post: Post, caller: Caller) -> None:  # noqa: ARG002 - as above
        try:
            address = ip_address(caller.address)
        except ValueError as error:
            raise UnauthorisedPostError(missing=False) from error
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if not any(address in network for network in self._networks):
            raise UnauthorisedPostError(missing=False)


class _Signed:
    """A signature over the body, or over the fields as certain gateways put them together."""

    def __init__(self, signature: described.Signature, secret: str, form: described.Format) -> None:
        self._described = signature
        self._secret = secret.encode()
        self._format = form

    def __call__(self, post: Post, caller: Caller) -> None:
        asked = self._described
        fields = [] if asked.of == "body" else self._fields(post)
        given = dict(fields).get(asked.field or "")
        if asked.header:
            given = caller.headers.get(asked.header.lower())
        if not given:
            raise UnauthorisedPostError(missing=True)
        digest = hmac.digest(self._secret, self._signed(post, caller, fields), asked.hash)
        if not self._is(given, digest):
            raise UnauthorisedPostError(missing=False)

    def _is(self, given: str, digest: bytes) -> bool:
        if self._described.encoding == "base64":
            return hmac.compare_digest(
                given.encode(), (self._described.prefix + b64encode(digest).decode()).encode()
            )
        return hmac.compare_digest(
            given.lower().encode(), (self._described.prefix + digest.hex()).lower().encode()
        )

    def _signed(self, post: Post, caller: Caller, fields: Sequence[tuple[str, str]]) -> bytes:
        if self._described.of == "body":
            return post.body
        if self._described.of == "url-and-fields":  # Twilio: name and value of each, sorted, each pair once
            return (caller.url + "".join(name + value for name, value in sorted(set(fields)))).encode()
        own = self._described.field  # Vonage: &name=value of each but the signature itself, sorted by name
        named = sorted((name, value) for name, value in fields if name != own)
        return "".join(f"&{name}={value.translate(_UNDERSCORES)}" for name, value in named).encode()

    def _fields(self, post: Post) -> list[tuple[str, str]]:
        """Return what a signature covers; what cannot be read is signed by nobody."""
        form = format_of(post, self._format)
        if form == "query" and self._described.of == "url-and-fields":
            return []  # they are in the URL already
        try:
            if form != "json":
                return pairs(post, form)
            content = document(post)
        except UnreadablePostError as error:
            raise UnauthorisedPostError(missing=False) from error
        members = content.items() if isinstance(content, dict) else ()
        return [(name, as_text(value) or "") for name, value in members]


_UNDERSCORES = str.maketrans("&=", "__")
