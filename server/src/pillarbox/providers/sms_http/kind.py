"""The kind `sms_http`: gateways described in YAML."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlsplit

import msgspec

from pillarbox.messages.posts import Intake
from pillarbox.providers.kinds import Kind, Options, Surroundings
from pillarbox.providers.sms_http.credentials import lacks_secret
from pillarbox.providers.sms_http.description import Description
from pillarbox.providers.sms_http.intake import HttpIntake
from pillarbox.providers.sms_http.provider import HttpGateway
from pillarbox.providers.sms_http.reading import DescriptionError, load
from pillarbox.providers.sms_http.writing import Writer, settled

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Gateway(Options, frozen=True, kw_only=True):
    """A gateway and what it needs to know of us.

    Attributes:
        description: the name of one that comes with Pillarbox, or the path of a file.
        values: what the description asks for, such as a password.
        connections: how many may be open at once.
    """

    description: str
    values: dict[str, str] = msgspec.field(default_factory=dict)
    connections: int = 100

    def mistakes(self) -> Sequence[str]:
        """What is wrong in the description, and which of its values are not given or given in vain."""
        found = [] if 1 <= self.connections <= 1000 else ["connections must be from 1 to 1000"]
        try:
            description = load(self.description)
        except DescriptionError as error:
            return [*found, *(f"description: {mistake}" for mistake in error.mistakes)]
        return [*found, *_mistaken_values(description, self.values)]


def _mistaken_values(description: Description, given: dict[str, str]) -> Iterator[str]:
    asked, values = description.values, _values(description, given)
    missing = [name for name, value in asked.items() if value.default is None and not values[name]]
    for name in missing:
        yield f"values.{name} is missing: {asked[name].about or 'the description asks for it'}"
    for name, value in given.items():
        if name not in asked:
            yield f"values.{name} is not asked for by the description"
        if _CONTROL.search(value):
            yield f"values.{name} holds a line break or another control character"
    if not missing:
        yield from _mistakes_when_filled(description, values)


def _mistakes_when_filled(description: Description, values: dict[str, str]) -> Iterator[str]:
    if not _is_address(description, values):
        yield "values: what request.url begins with is no address; write https://gateway.example"
    posted = {"receipts": description.receipts, "received texts": description.received_texts}
    for name, posts in posted.items():
        if posts and lacks_secret(posts, values):
            yield f"values: the secret that {name} are posted with is empty"


def _is_address(description: Description, values: dict[str, str]) -> bool:
    try:
        address = Writer(description.request, values).address
        return address.scheme in ("http", "https") and bool(address.host) and bool(address.port)
    except ValueError:
        return False


def _values(description: Description, given: dict[str, str]) -> dict[str, str]:
    """Return what the operator gave, defaults for what was left open, and nothing for the rest."""
    return {name: given.get(name) or value.default or "" for name, value in description.values.items()}


def _make(name: str, gateway: Gateway, surroundings: Surroundings) -> HttpGateway:
    description = load(gateway.description)
    values = _values(description, gateway.values)
    values["receipts_url"] = _receipts_url(
        description, values, f"{surroundings.api_url}/providers/{name}/receipts"
    )
    return HttpGateway(name, description, values, gateway.connections)


def _make_intake(name: str, gateway: Gateway) -> Intake:
    description = load(gateway.description)
    return HttpIntake(name, description, _values(description, gateway.values))


def _receipts_url(description: Description, values: dict[str, str], url: str) -> str:
    """Return where the gateway is to post receipts, with the credentials if it takes them from there."""
    asked = description.receipts.authentication if description.receipts else "none"
    if asked == "none" or not asked.basic or not asked.basic.in_url:
        return url
    user, password = (settled(text, values) for text in (asked.basic.username, asked.basic.password))
    if not password:
        return url
    parts = urlsplit(url)
    return parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}").geturl()


SMS_HTTP = Kind("sms_http", frozenset({"sms"}), Gateway, _make, _make_intake)
