"""What a provisioning file may hold: its shape as types, and reading it with every mistake found at once."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
import yaml
from msgspec import Meta, Struct

from pillarbox.console.provisioning.places import Places

NonEmpty = Annotated[str, Meta(min_length=1, max_length=255)]
Channel = Literal["sms", "email", "letter"]
KeyType = Literal["normal", "team", "test"]
Permission = Literal[
    "sms",
    "email",
    "letter",
    "international_sms",
    "international_letters",
    "sms_to_uk_landlines",
    "inbound_sms",
]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Days = Annotated[int, Meta(ge=3, le=90)]
Secret = Annotated[str, Meta(min_length=36, max_length=36)]
Token = Annotated[str, Meta(min_length=10)]
Revoked = Annotated[str, Meta(pattern=r"^\d+ days? ago$")]

T = TypeVar("T")


class User(Struct, forbid_unknown_fields=True):
    """A person."""

    ref: str
    id: UUID
    name: NonEmpty
    email_address: NonEmpty
    mobile_number: str = ""


class ApiKey(Struct, forbid_unknown_fields=True):
    """A key with its secret; `revoked` is `N days ago` for one that was."""

    ref: str
    id: UUID
    name: NonEmpty
    key_type: KeyType
    secret: Secret
    api_key: str | None = None  # the three parts in one, as people copy it; not read
    revoked: Revoked | None = None


class SmsSender(Struct, forbid_unknown_fields=True):
    """A name or number that texts come from."""

    ref: str
    id: UUID
    sms_sender: NonEmpty
    is_default: bool = False
    archived: bool = False


class EmailReplyTo(Struct, forbid_unknown_fields=True):
    """An address that replies go to."""

    ref: str
    id: UUID
    email_address: NonEmpty
    is_default: bool = False
    archived: bool = False


class LetterContact(Struct, forbid_unknown_fields=True):
    """A contact block at the head of letters."""

    ref: str
    id: UUID
    contact_block: str
    is_default: bool = False


class Callback(Struct, forbid_unknown_fields=True):
    """Where a service wants to be told of something."""

    type: Literal["delivery_status", "inbound_sms", "returned_letter", "complaint"]
    url: Annotated[str, Meta(pattern="^https?://")]
    bearer_token: Token


class TemplateVersion(Struct, forbid_unknown_fields=True):
    """The texts of one version."""

    version: Annotated[int, Meta(ge=1)]
    name: NonEmpty
    content: str
    subject: str | None = None
    note: str | None = None


class Template(Struct, forbid_unknown_fields=True):
    """A template; the last of its versions is the current one. Archiving it made that one."""

    ref: str
    id: UUID
    type: Channel
    name: NonEmpty
    versions: Annotated[list[TemplateVersion], Meta(min_length=1)]
    archived: bool = False
    hidden: bool = False
    has_unsubscribe_link: bool = False
    postage: Literal["first", "second", "economy"] | None = None
    letter_contact: str | None = None
    created_by: str | None = None


class DailyLimits(Struct, forbid_unknown_fields=True):
    """Messages a day."""

    sms: Count = 250_000
    email: Count = 250_000
    letter: Count = 20_000
    international_sms: Count = 100


class Service(Struct, forbid_unknown_fields=True):
    """A service without what stands in lists of its own."""

    ref: str
    id: UUID
    name: NonEmpty
    email_sender_local_part: NonEmpty
    restricted: bool = True
    active: bool = True
    permissions: list[Permission] = []
    contact_link: str | None = None
    prefix_sms: bool = True
    rate_limit: Count = 3000
    daily_limits: DailyLimits = msgspec.field(default_factory=DailyLimits)
    users: list[str] = []
    guest_list: list[NonEmpty] = []
    created_by: str | None = None
    inbound_number: str | None = None
    data_retention_days: dict[Channel, Days] = {}
    sms_senders: list[SmsSender] = []
    email_reply_to: list[EmailReplyTo] = []
    letter_contacts: list[LetterContact] = []
    callbacks: list[Callback] = []
    api_keys: list[ApiKey] = []
    templates: list[Template] = []


class SmsRate(Struct, forbid_unknown_fields=True):
    """Pounds for a fragment from a moment on."""

    valid_from: str
    rate: float


class LetterRate(Struct, forbid_unknown_fields=True):
    """Pounds for a letter."""

    post_class: str
    sheet_count: int
    rate: float
    start_date: str
    end_date: str | None = None


class Config(Struct):
    """What holds for all services; settings of the server itself come from its environment."""

    sms_rates: list[SmsRate] = []
    letter_rates: list[LetterRate] = []


class Document(Struct):
    """A whole provisioning file."""

    users: list[User]
    services: list[Service]
    config: Config


class ProvisioningError(Exception):
    """The file has mistakes; each is a sentence with its place in the file. Nothing was changed."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


_LISTS: dict[str, Any] = {
    "sms_senders": SmsSender,
    "email_reply_to": EmailReplyTo,
    "letter_contacts": LetterContact,
    "callbacks": Callback,
    "api_keys": ApiKey,
    "templates": Template,
}


def read(path: Path) -> Document:
    """Read a file of JSON or YAML.

    Raises:
        ProvisioningError: with every mistake in the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = msgspec.json.decode(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, yaml.YAMLError) as error:
        raise ProvisioningError([f"{path}: {error}"]) from error
    reader = _Reader(str(path), Places(text))
    document = reader.document(data)
    reader.check(document)
    if reader.mistakes:
        raise ProvisioningError(reader.mistakes)
    return document


class _Reader:
    """Converts part by part, so that a mistake in one does not hide those in others."""

    def __init__(self, name: str, places: Places) -> None:
        self._name = name
        self._places = places
        self.mistakes: list[str] = []

    def document(self, data: object) -> Document:
        whole = self._mapping(data, "")
        config = self._part(whole.get("config", {}), Config, "config")
        users = self._parts(whole.get("users", []), User, "users")
        services = [
            self._service(one, f"services[{n}]")
            for n, one in enumerate(self._list(whole.get("services", []), "services"))
        ]
        return Document(users, [service for service in services if service], config or Config())

    def _service(self, data: object, place: str) -> Service | None:
        mapping = self._mapping(data, place)
        lists = {
            name: self._parts(mapping.get(name, []), kind, f"{place}.{name}") for name, kind in _LISTS.items()
        }
        service = self._part({k: v for k, v in mapping.items() if k not in _LISTS}, Service, place)
        return msgspec.structs.replace(service, **lists) if service else None

    def _parts(self, data: object, kind: type[T], place: str) -> list[T]:
        converted = [self._part(one, kind, f"{place}[{n}]") for n, one in enumerate(self._list(data, place))]
        return [one for one in converted if one is not None]

    def _part(self, data: object, kind: type[T], place: str) -> T | None:
        try:
            return msgspec.convert(data, kind)
        except msgspec.ValidationError as error:
            what, _, inner = str(error).partition(" - at `$")
            self.wrong(place + inner.rstrip("`"), what)
            return None

    def _list(self, data: object, place: str) -> list[Any]:
        if isinstance(data, list):
            return data
        self.wrong(place, "Expected a list")
        return []

    def _mapping(self, data: object, place: str) -> dict[str, Any]:
        if isinstance(data, dict):
            return data
        self.wrong(place, "Expected an object")
        return {}

    def wrong(self, place: str, what: str) -> None:
        line = self._places.line(place)
        self.mistakes.append(f"{self._name}:{line}: {place or 'the file'}: {what}")

    def check(self, document: Document) -> None:
        """What types cannot say: references lead somewhere, ids are there once, versions follow one another."""
        self._once("users", [(f"users[{n}].id", user.id) for n, user in enumerate(document.users)])
        self._once("services", [(f"services[{n}].id", one.id) for n, one in enumerate(document.services)])
        users = {user.ref for user in document.users}
        for n, service in enumerate(document.services):
            self._check_service(service, f"services[{n}]", users)
        for kind in ("api_keys", "templates", "sms_senders", "email_reply_to", "letter_contacts"):
            self._once(kind, _ids(document, kind))

    def _check_service(self, service: Service, place: str, users: set[str]) -> None:
        for n, user in enumerate(service.users):
            if user not in users:
                self.wrong(f"{place}.users[{n}]", f"there is no user with ref {user!r}")
        if service.created_by is not None and service.created_by not in users:
            self.wrong(f"{place}.created_by", f"there is no user with ref {service.created_by!r}")
        contacts = {contact.ref for contact in service.letter_contacts}
        for n, template in enumerate(service.templates):
            self._check_template(template, f"{place}.templates[{n}]", users, contacts)

    def _check_template(self, template: Template, place: str, users: set[str], contacts: set[str]) -> None:
        if template.created_by is not None and template.created_by not in users:
            self.wrong(f"{place}.created_by", f"there is no user with ref {template.created_by!r}")
        if template.letter_contact is not None and template.letter_contact not in contacts:
            self.wrong(
                f"{place}.letter_contact",
                f"the service has no letter contact with ref {template.letter_contact!r}",
            )
        if [one.version for one in template.versions] != list(range(1, len(template.versions) + 1)):
            self.wrong(f"{place}.versions", "versions must be numbered 1, 2, 3 …")

    def _once(self, kind: str, found: list[tuple[str, UUID]]) -> None:
        first: dict[UUID, str] = {}
        for place, identifier in found:
            if identifier in first:
                self.wrong(place, f"the same id as {first[identifier]}: ids of {kind} are given once")
            first.setdefault(identifier, place)


def _ids(document: Document, kind: str) -> list[tuple[str, UUID]]:
    return [
        (f"services[{n}].{kind}[{m}].id", one.id)
        for n, service in enumerate(document.services)
        for m, one in enumerate(getattr(service, kind))
    ]
