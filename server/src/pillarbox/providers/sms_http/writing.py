"""Requests, ready to be filled in: whatever is the same for every message is worked out once."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict
from yarl import URL

from pillarbox.content.characters import forcing_unicode
from pillarbox.providers.base import SmsMessage
from pillarbox.providers.sms_http.description import Alphabet, Login, Request
from pillarbox.providers.sms_http.templates import (
    Encode,
    Template,
    as_it_is,
    in_form,
    in_json,
    in_url,
    joined,
    json_template,
    literal,
)

# What differs from message to message; all other names are the operator's values.
OF_MESSAGES = frozenset({"to", "content", "sender", "reference", "alphabet"})
# Of these, what may stand in a header: nothing that somebody else has written.
IN_HEADERS = frozenset({"to", "reference"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request as it goes out."""

    url: URL
    headers: Mapping[str, str]
    body: bytes | None


class Writer:
    """Writes requests for messages.

    Args:
        request: how they look.
        values: the operator's values, and `receipts_url`; an empty one is none.
        alphabet: what `{alphabet}` stands for.

    What has a placeholder without a value is left out: a field of the query or the form, a header, a member of JSON.
    """

    def __init__(self, request: Request, values: Mapping[str, str], alphabet: Alphabet | None = None) -> None:
        self.method = request.method
        self._alphabet = alphabet
        self._with_sender = _Shape(request, values, frozenset())
        self._without_sender = _Shape(request, values, frozenset({"sender"}))
        self._named = "reference" in self._with_sender.names

    @property
    def address(self) -> URL:
        """Where requests go, whatever stands in them."""
        return self._without_sender.address

    def write(self, message: SmsMessage) -> Prepared:
        """Return the request for a message."""
        values = {"to": message.to, "content": message.content}
        if self._named:
            values["reference"] = str(message.notification_id)
        if self._alphabet:
            plain = not forcing_unicode(message.content)
            values["alphabet"] = self._alphabet.gsm if plain else self._alphabet.other
        if not message.sender:
            return self._without_sender.fill(values)
        values["sender"] = message.sender
        return self._with_sender.fill(values)

    def write_about(self, reference: str) -> Prepared:
        """Return a request that asks about a message by our reference."""
        return self._without_sender.fill({"reference": reference})


class _Shape:
    """A request of which certain values are missing for all messages alike."""

    def __init__(self, request: Request, values: Mapping[str, str], missing: frozenset[str]) -> None:
        self._known = {name: value for name, value in values.items() if value}
        self._missing = missing | (values.keys() - self._known.keys())
        self._url = self._address(request)
        self._fixed_url = None if self._url.names else URL(self._url.fill({}), encoded=True)
        self._headers = self._head(request)
        self._body, self._encode = self._content(request)
        differing = [template for template in self._headers.values() if template.names]
        self._fixed_headers = None if differing else CIMultiDict(self._filled_headers({}))
        self.names = {name for one in [self._url, *differing, self._body or self._url] for name in one.names}

    def fill(self, values: Mapping[str, str]) -> Prepared:
        """Return the request with what is known of one message."""
        url = self._fixed_url or URL(self._url.fill(_encoded(self._url, values, in_url)), encoded=True)
        headers = self._filled_headers(values) if self._fixed_headers is None else self._fixed_headers
        if self._body is None:
            return Prepared(url, headers, None)
        body = self._body.fill(_encoded(self._body, values, self._encode))
        return Prepared(url, headers, body.encode())

    @property
    def address(self) -> URL:
        """The URL with anything for what differs."""
        return URL(self._url.fill(dict.fromkeys(self._url.names, "0")), encoded=True)

    def _address(self, request: Request) -> Template:
        base = Template.parse(request.url)
        if (
            base.names and not base.pieces[0]
        ):  # `{api}/messages`: the first value is the beginning of a URL itself
            beginning = self._known.get(base.names[0], "") + base.pieces[1]
            base = Template((beginning, *base.pieces[2:]), base.names[1:])
        query = self._fields(request.query, in_url)
        parts = [base.settle(self._known, in_url)]
        if query:
            parts += [literal("&" if "?" in request.url else "?"), query]
        return joined(parts)

    def _head(self, request: Request) -> dict[str, Template]:
        given = {name: Template.parse(value) for name, value in request.headers.items()}
        headers = {
            name: template.settle(self._known, as_it_is)
            for name, template in given.items()
            if not self._missing.intersection(template.names)
        }
        fixed = {"User-Agent": "Pillarbox", **_content_type(request), **self._login(request.authentication)}
        named = {name.lower() for name in headers}
        return headers | {name: literal(value) for name, value in fixed.items() if name.lower() not in named}

    def _filled_headers(self, values: Mapping[str, str]) -> Mapping[str, str]:
        return {name: template.fill(values) for name, template in self._headers.items()}

    def _login(self, login: Login | None) -> dict[str, str]:
        if login and login.basic:
            user, password = self._settled(login.basic.username), self._settled(login.basic.password)
            return {"Authorization": basic(user, password)}
        if login and login.bearer:
            return {"Authorization": f"Bearer {self._settled(login.bearer)}"}
        return {}

    def _settled(self, text: str) -> str:
        return settled(text, self._known)

    def _content(self, request: Request) -> tuple[Template | None, Encode]:
        if request.json is not None:
            return json_template(request.json, self._known, self._missing), in_json
        if request.form is not None:
            return self._fields(request.form, in_form) or literal(""), in_form
        return None, as_it_is

    def _fields(self, fields: Mapping[str, str], encode: Encode) -> Template | None:
        parsed = {name: Template.parse(value) for name, value in fields.items()}
        written = [
            joined([literal(encode(name) + "="), template.around(encode).settle(self._known, encode)])
            for name, template in parsed.items()
            if not self._missing.intersection(template.names)
        ]
        return joined(written, "&") if written else None


def settled(text: str, values: Mapping[str, str]) -> str:
    """Return a text whose gaps are all filled with the operator's values; those without one are empty."""
    template = Template.parse(text)
    return template.fill({name: values.get(name, "") for name in template.names})


def basic(username: str, password: str) -> str:
    """Return the header's value for a name and a password (RFC 7617)."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


def _content_type(request: Request) -> dict[str, str]:
    if request.json is not None:
        return {"Content-Type": "application/json"}
    if request.form is not None:
        return {"Content-Type": "application/x-www-form-urlencoded"}
    return {}


def _encoded(template: Template, values: Mapping[str, str], encode: Encode) -> dict[str, str]:
    return {name: encode(values[name]) for name in template.names}
