"""Mistakes in what a description says of a gateway's posts."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pillarbox.providers.sms_http import description as described
from pillarbox.providers.sms_http.checks_texts import in_header, in_path, in_template


def receipt_mistakes(
    receipts: described.Receipts, description: described.Description, used: set[str]
) -> Iterator[str]:
    """Yield what is wrong with how receipts are read."""
    fields = {name: getattr(receipts, name) for name in ("reference", "status", "code", "reason")}
    yield from _posts(receipts, "receipts", fields, description, used)
    yield from _reply(receipts.reply, "receipts.reply")
    if receipts.codes and receipts.code is None:
        yield "receipts.code is missing: it says where the codes stand"


def text_mistakes(
    texts: described.ReceivedTexts, description: described.Description, used: set[str]
) -> Iterator[str]:
    """Yield what is wrong with how received texts are read."""
    fields = {name: getattr(texts, name) for name in ("sender", "receiver", "content", "reference")}
    yield from _posts(texts, "received_texts", fields, description, used)
    yield from _reply(texts.reply, "received_texts.reply")
    if texts.dropped:
        yield from _reply(texts.dropped, "received_texts.dropped")


def _posts(
    posts: described.Posts,
    place: str,
    fields: Mapping[str, str | None],
    description: described.Description,
    used: set[str],
) -> Iterator[str]:
    named = {name: field for name, field in fields.items() if field}
    if posts.time:
        named["time.field"] = posts.time.field
        yield from _zone(posts.time.zone, f"{place}.time.zone")
    if posts.format in ("json", "any"):
        for name, field in named.items():
            yield from in_path(field, f"{place}.{name}")
    if posts.each:
        yield from in_path(posts.each, f"{place}.each")
        if posts.format != "json":
            yield f"{place}.each is for json only"
    yield from (
        f"{place}.encodings.{field} is none of the fields here"
        for field in posts.encodings
        if field not in named.values()
    )
    if posts.route and not re.fullmatch(r"/notifications/[a-z0-9/_-]+", posts.route):
        yield f"{place}.route must be /notifications/ and more: small letters, digits, hyphens and slashes"
    if posts.authentication != "none":
        yield from _credentials(posts, f"{place}.authentication", description, used)


def _zone(name: str, place: str) -> Iterator[str]:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"{place}: {name} is no time zone; write Europe/London"


def _credentials(
    posts: described.Posts, place: str, description: described.Description, used: set[str]
) -> Iterator[str]:
    asked = posts.authentication
    assert asked != "none"  # noqa: S101 - whoever calls has looked
    given = (asked.basic, asked.bearer, asked.header, asked.signature, asked.addresses or None)
    if not any(given):
        yield f"{place} asks for nothing: write none if everybody may post"
    if asked.optional and not any(given[:4]):
        yield f"{place}.optional is for passwords, tokens and signatures"
    names = frozenset(description.values)
    for where, text in _secrets(asked, place):
        yield from in_template(text, where, names, used)
    if asked.header:
        yield from in_header(asked.header.name, f"{place}.header.name")
    if asked.signature:
        yield from _signature(asked.signature, f"{place}.signature")
    yield from (f"{place}.addresses: {one} is no network" for one in asked.addresses if not _is_network(one))


def _secrets(asked: described.Credentials, place: str) -> Iterator[tuple[str, str]]:
    if asked.basic:
        yield f"{place}.basic.username", asked.basic.username
        yield f"{place}.basic.password", asked.basic.password
    if asked.bearer:
        yield f"{place}.bearer", asked.bearer
    if asked.header:
        yield f"{place}.header.value", asked.header.value
    if asked.signature:
        yield f"{place}.signature.secret", asked.signature.secret


def _signature(signature: described.Signature, place: str) -> Iterator[str]:
    if (signature.header is None) == (signature.field is None):
        yield f"{place} must have either header or field: where the signature stands"
    if signature.header is not None:
        yield from in_header(signature.header, f"{place}.header")
    if signature.field is not None and signature.of != "fields":
        yield f"{place}.field goes with `of: fields`: what is signed cannot hold its own signature"


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _reply(reply: described.Replied, place: str) -> Iterator[str]:
    if not 200 <= reply.status <= 299:
        yield f"{place}.status must be from 200 to 299: what was kept is a success"
    if not re.fullmatch(r"[\x20-\x7e]+", reply.type):
        yield f"{place}.type is no content type"
    if reply.status == 204 and reply.body:
        yield f"{place}.body: 204 has none"
