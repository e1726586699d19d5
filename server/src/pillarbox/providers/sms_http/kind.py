"""The kind `sms_http`: gateways described in YAML."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

import msgspec

from pillarbox.messages.posts import Intake
from pillarbox.providers.kinds import Kind, Options, Surroundings
from pillarbox.providers.sms_http.credentials import lacks_secret
from pillarbox.providers.sms_http.description import Description
from pillarbox.providers.sms_http.intake import HttpIntake
from pillarbox.providers.sms_http.provider import HttpGateway
from pillarbox.providers.sms_http.reading import DescriptionError, load
from pillarbox.providers.sms_http.writing import settled

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


def _mistaken_values(description: Description, values: dict[str, str]) -> list[str]:
    asked = description.values
    missing = [name for name, value in asked.items() if value.default is None and not values.get(name)]
    filled = _values(description, values)
    open_to_all = [
        f"values: the secret that {posts} are posted with is empty"
        for posts, described in (
            ("receipts", description.receipts),
            ("received texts", description.received_texts),
        )
        if described and not missing and lacks_secret(described, filled)
    ]
    odd = [name for name, value in values.items() if _CONTROL.search(value)]
    return [
        *(
            f"values.{name} is missing: {asked[name].about or 'the description asks for it'}"
            for name in missing
        ),
        *(f"values.{name} is not asked for by the description" for name in values if name not in asked),
        *(f"values.{name} holds a line break or another control character" for name in odd),
        *open_to_all,
    ]


def _values(description: Description, given: dict[str, str]) -> dict[str, str]:
    return {name: value.default or "" for name, value in description.values.items()} | given


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
