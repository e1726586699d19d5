"""Mistakes in a description that its types let through, each with its place."""

import re
from collections.abc import Iterator, Mapping

from pillarbox.providers.sms_http import description as described
from pillarbox.providers.sms_http.checks_posts import receipt_mistakes, text_mistakes
from pillarbox.providers.sms_http.checks_texts import in_find, in_header, in_statuses, in_template
from pillarbox.providers.sms_http.writing import IN_HEADERS, OF_MESSAGES

_VALUE = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = OF_MESSAGES | {"receipts_url"}
_KINDS = ("rejected", "busy", "account", "unknown")


def mistakes_in(description: described.Description) -> Iterator[str]:
    """Yield what is wrong, a sentence each: `request.url: …`."""
    used: set[str] = set()
    yield from _values(description)
    yield from _request(description.request, "request", _names(description, OF_MESSAGES), used)
    yield from _answers(description)
    if description.look_up:
        yield from _look_up(description.look_up, _names(description, frozenset({"reference"})), used)
    if description.probe:
        yield from _request(
            description.probe.request, "probe.request", _names(description, frozenset()), used
        )
        yield from _accepted(description.probe.well, "probe.well")
    if description.receipts:
        yield from receipt_mistakes(description.receipts, description, used)
    if description.received_texts:
        yield from text_mistakes(description.received_texts, description, used)
    yield from (f"values.{name} is used nowhere" for name in description.values if name not in used)
    yield from _used_in_vain(description, used)


def _names(description: described.Description, others: frozenset[str]) -> frozenset[str]:
    return others | description.values.keys() | {"receipts_url"}


def _values(description: described.Description) -> Iterator[str]:
    for name in description.values:
        if not _VALUE.fullmatch(name):
            yield f"values.{name}: names are small letters, digits and underscores"
        elif name in _RESERVED:
            yield f"values.{name}: this name is taken"


def _used_in_vain(description: described.Description, used: set[str]) -> Iterator[str]:
    if "alphabet" in used and not description.alphabet:
        yield "alphabet is missing: {alphabet} stands for what it says"
    if "receipts_url" in used and not description.receipts:
        yield "receipts is missing: {receipts_url} leads there"


def _request(request: described.Request, place: str, names: frozenset[str], used: set[str]) -> Iterator[str]:
    if request.form is not None and request.json is not None:
        yield f"{place}: form and json exclude each other"
    if request.method == "GET" and (request.form is not None or request.json is not None):
        yield f"{place}.method: GET carries no form and no json"
    if not request.url.startswith(("http://", "https://", "{")):
        yield f"{place}.url must begin with https://, http:// or a value in braces"
    for where, text in _texts_of(request, place):
        yield from in_template(text, where, names, used)
    operators = names - OF_MESSAGES
    for name, text in request.headers.items():
        yield from in_header(name, f"{place}.headers.{name}")
        yield from in_template(text, f"{place}.headers.{name}", operators | (names & IN_HEADERS), used)
    yield from _login(request.authentication, f"{place}.authentication", operators, used)


def _texts_of(request: described.Request, place: str) -> Iterator[tuple[str, str]]:
    yield f"{place}.url", request.url
    for part in ("query", "form"):
        fields: Mapping[str, str] = getattr(request, part) or {}
        yield from ((f"{place}.{part}.{name}", text) for name, text in fields.items())
    yield from _texts_in(request.json, f"{place}.json")


def _texts_in(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts_in(one, f"{place}.{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts_in(one, f"{place}[{number}]")


def _login(login: described.Login | None, place: str, names: frozenset[str], used: set[str]) -> Iterator[str]:
    if login is None:
        return
    if (login.basic is None) == (login.bearer is None):
        yield f"{place} must have either basic or bearer"
    if login.basic:
        yield from in_template(login.basic.username, f"{place}.basic.username", names, used)
        yield from in_template(login.basic.password, f"{place}.basic.password", names, used)
    if login.bearer:
        yield from in_template(login.bearer, f"{place}.bearer", names, used)


def _answers(description: described.Description) -> Iterator[str]:
    answers = description.answers
    yield from _accepted(answers.accepted, "answers.accepted")
    for name in ("reference", "code", "reason"):
        yield from in_find(getattr(answers, name), f"answers.{name}")
    seen: dict[object, str] = {}
    for name in _KINDS:
        yield from _kind(getattr(answers, name), f"answers.{name}", seen)
    if answers.code is None and any(getattr(answers, name).codes for name in _KINDS):
        yield "answers.code is missing: it says where the codes stand"
    receipts = description.receipts
    if receipts and receipts.names == "theirs" and answers.reference is None:
        yield "answers.reference is missing: the receipts name the gateway's reference"


def _kind(kind: described.Kind, place: str, seen: dict[object, str]) -> Iterator[str]:
    yield from in_statuses(kind.statuses, f"{place}.statuses")
    for code in [*kind.codes, *kind.statuses]:
        if code in seen:
            yield f"{place}: {code} stands in {seen[code]} too"
        seen[code] = place


def _accepted(accepted: described.Accepted, place: str) -> Iterator[str]:
    yield from in_statuses(accepted.statuses, f"{place}.statuses")
    for number, condition in enumerate(accepted.where):
        yield from in_find(condition, f"{place}.where[{number}]")


def _look_up(look_up: described.LookUp, names: frozenset[str], used: set[str]) -> Iterator[str]:
    yield from _request(look_up.request, "look_up.request", names, used)
    yield from _accepted(look_up.found, "look_up.found")
    yield from _accepted(look_up.not_found, "look_up.not_found")
    yield from in_find(look_up.reference, "look_up.reference")
