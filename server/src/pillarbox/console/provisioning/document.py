"""What a provisioning file may hold: its shape as types (docs/reference/provisioning.md describes it)."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, field

from pillarbox.console.provisioning.messages import Bulk, Job, Notification, ReceivedText
from pillarbox.console.provisioning.parts import Channel, Count, Name, Part

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
Days = Annotated[int, Meta(ge=3, le=90)]
Secret = Annotated[str, Meta(min_length=36, max_length=36)]
Token = Annotated[str, Meta(min_length=10)]
Revoked = Annotated[str, Meta(pattern=r"^\d{1,5} days? ago$")]
Pounds = Annotated[float, Meta(ge=0, lt=1_000_000)]


class User(Part):
    """A person."""

    ref: str
    id: UUID
    name: Name
    email_address: Name
    mobile_number: str = ""


class ApiKey(Part):
    """A key with its secret; `revoked` is `N days ago` for one that was."""

    ref: str
    id: UUID
    name: Name
    key_type: KeyType
    secret: Secret
    api_key: str | None = (
        None  # the parts in one, as people copy it; compared, since a slip would be found late
    )
    revoked: Revoked | None = None


class SmsSender(Part):
    """A name or number that texts come from."""

    ref: str
    id: UUID
    sms_sender: Annotated[str, Meta(min_length=1, max_length=50)]
    is_default: bool = False
    archived: bool = False


class EmailReplyTo(Part):
    """An address that replies go to."""

    ref: str
    id: UUID
    email_address: Name
    is_default: bool = False
    archived: bool = False


class LetterContact(Part):
    """A contact block at the head of letters."""

    ref: str
    id: UUID
    contact_block: str
    is_default: bool = False
    archived: bool = False


class Callback(Part):
    """Where a service wants to be told of something."""

    type: Literal["delivery_status", "inbound_sms", "returned_letter", "complaint"]
    url: Annotated[str, Meta(max_length=2000)]
    bearer_token: Token


class TemplateVersion(Part):
    """The texts of one version."""

    version: Annotated[int, Meta(ge=1)]
    name: Name
    content: str
    subject: str | None = None
    note: str | None = None  # for whoever reads the file


class Template(Part):
    """A template; the last of its versions is the current one. Archiving it made that one."""

    ref: str
    id: UUID
    type: Channel
    name: Name
    versions: Annotated[list[TemplateVersion], Meta(min_length=1)]
    archived: bool = False
    hidden: bool = False
    has_unsubscribe_link: bool = False
    postage: Literal["first", "second", "economy"] | None = None
    letter_contact: str | None = None
    created_by: str | None = None


class DailyLimits(Part):
    """Messages a day."""

    sms: Count = 250_000
    email: Count = 250_000
    letter: Count = 20_000
    international_sms: Count = 100


class Service(Part):
    """A service and all that is its own."""

    ref: str
    id: UUID
    name: Name
    email_sender_local_part: Name
    restricted: bool = True
    active: bool = True
    permissions: list[Permission] = field(default_factory=list)
    contact_link: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None
    prefix_sms: bool = True
    rate_limit: Count = 3000
    daily_limits: DailyLimits = field(default_factory=DailyLimits)
    users: list[str] = field(default_factory=list)
    guest_list: list[Name] = field(default_factory=list)
    created_by: str | None = None
    inbound_number: Annotated[str, Meta(min_length=1, max_length=50)] | None = None
    data_retention_days: dict[Channel, Days] = field(default_factory=dict)
    providers: dict[Literal["sms", "email"], Name] = field(default_factory=dict)
    sms_senders: list[SmsSender] = field(default_factory=list)
    email_reply_to: list[EmailReplyTo] = field(default_factory=list)
    letter_contacts: list[LetterContact] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    api_keys: list[ApiKey] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)


class SmsRate(Part):
    """Pounds for a fragment from a moment on."""

    valid_from: str
    rate: Pounds


class LetterRate(Part):
    """Pounds for a letter of so many sheets at some postage."""

    post_class: Annotated[str, Meta(min_length=1, max_length=20)]
    sheet_count: Annotated[int, Meta(ge=1, le=100)]
    rate: Pounds
    start_date: str
    end_date: str | None = None


class Config(Part):
    """What holds for all services. Only rates are applied.

    The others describe the server around the data, which takes its settings from the environment; they may stand
    here so that one file can serve a conformance runner too.
    """

    sms_rates: list[SmsRate] = field(default_factory=list)
    letter_rates: list[LetterRate] = field(default_factory=list)
    api_base_url: object = None
    admin_base_url: object = None
    email_domain: object = None
    docs_api_base_url: object = None
    docs_frontend_base_url: object = None
    defaults: object = None
    page_size: object = None
    rate_limiting_enabled: object = None
    antivirus: object = None
    document_size_limit_bytes: object = None
    providers: object = None
    printer: object = None
    provider_inbound_credentials: object = None


class Document(Part):
    """A whole provisioning file."""

    users: list[User] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    config: Config = field(default_factory=Config)
    jobs: list[Job] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    received_texts: list[ReceivedText] = field(default_factory=list)
    bulk: list[Bulk] = field(default_factory=list)
    about: str | None = None
    format_version: Literal[1] = 1
