"""What a description says, part by part; docs/reference/providers.md explains every key."""

from typing import Any, Literal

import msgspec

from pillarbox.messages.posts import ReceiptStatus

Status = int | str  # 404, or "4xx" for all of a hundred
Meaning = ReceiptStatus | Literal["nothing"]
Format = Literal["json", "form", "query", "any"]
Encoding = Literal["url", "base64", "utf-16-hex"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mapping of a description; keys that it does not know are mistakes."""


class Value(Part, frozen=True, kw_only=True):
    """Something that only the operator knows, such as a password. Without a default it has to be given."""

    about: str = ""
    default: str | None = None


class Basic(Part, frozen=True, kw_only=True):
    """A user's name and password in the header Authorization (RFC 7617)."""

    username: str
    password: str


class Login(Part, frozen=True, kw_only=True):
    """How we show the gateway who we are; what stands in other headers or in the body needs no part of its own."""

    basic: Basic | None = None
    bearer: str | None = None


class Request(Part, frozen=True, kw_only=True):
    """A request of ours, with placeholders in braces."""

    url: str
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    form: dict[str, str] | None = None
    json: Any = None
    authentication: Login | None = None


class Alphabet(Part, frozen=True, kw_only=True):
    """What `{alphabet}` stands for: texts that fit into GSM 03.38, and all others."""

    gsm: str
    other: str


class Find(Part, frozen=True, kw_only=True):
    """Where something stands in an answer: one of the three."""

    json: str | None = None
    header: str | None = None
    regex: str | None = None


class Condition(Find, frozen=True, kw_only=True):
    """Something that must be there, and be one of these texts if there are any."""

    one_of: list[str] = []


class Accepted(Part, frozen=True, kw_only=True):
    """How the gateway says that it has taken a message: a status, and whatever must hold besides."""

    statuses: tuple[Status, ...] = ("2xx",)
    where: list[Condition] = []


class Kind(Part, frozen=True, kw_only=True):
    """Answers of one kind: by the gateway's own code, or else by their status."""

    statuses: tuple[Status, ...] = ()
    codes: list[str] = []


class Answers(Part, frozen=True, kw_only=True):
    """How the gateway's answers are to be taken."""

    accepted: Accepted = Accepted()
    reference: Find | None = None
    code: Find | None = None
    reason: Find | None = None
    rejected: Kind = Kind()
    busy: Kind = Kind()
    account: Kind = Kind()
    unknown: Kind = Kind()


class LookUp(Part, frozen=True, kw_only=True):
    """How the gateway is asked whether it has a message."""

    request: Request
    found: Accepted = Accepted()
    not_found: Accepted = Accepted(statuses=(404,))
    reference: Find | None = None


class Probe(Part, frozen=True, kw_only=True):
    """A request that shows that the gateway is well and knows us, and sends nothing."""

    request: Request
    well: Accepted = Accepted()


class PostedBasic(Basic, frozen=True, kw_only=True):
    """As `Basic`; in `{receipts_url}` too, for gateways that take the credentials from there."""

    in_url: bool = False


class Header(Part, frozen=True, kw_only=True):
    """A header that only the gateway knows the value of."""

    name: str
    value: str


class Signature(Part, frozen=True, kw_only=True):
    """A keyed hash (HMAC, RFC 2104) that only the gateway and we can make."""

    secret: str
    hash: Literal["md5", "sha1", "sha256", "sha512"]
    encoding: Literal["hex", "base64"]
    of: Literal["body", "url-and-fields", "fields"]
    header: str | None = None
    field: str | None = None
    prefix: str = ""


class Credentials(Part, frozen=True, kw_only=True):
    """How the gateway shows who it is; all that is given must hold."""

    basic: PostedBasic | None = None
    bearer: str | None = None
    header: Header | None = None
    signature: Signature | None = None
    addresses: list[str] = []
    optional: bool = False


class Replied(Part, frozen=True, kw_only=True):
    """What a post is answered."""

    status: int = 200
    type: str = "application/json"
    body: str = ""


class Time(Part, frozen=True, kw_only=True):
    """When something happened: ISO 8601, seconds or milliseconds since 1970, or a pattern of strptime."""

    field: str
    format: str = "iso"
    zone: str = "UTC"


class Posts(Part, frozen=True, kw_only=True):
    """What both kinds of posts have in common."""

    authentication: Credentials | Literal["none"]
    format: Format
    each: str | None = None
    encodings: dict[str, Encoding] = {}
    time: Time | None = None
    missing: str = "{field} is missing"
    route: str | None = None


class Receipts(Posts, frozen=True, kw_only=True):
    """How the gateway tells what became of a message."""

    reference: str
    names: Literal["ours", "theirs"]
    status: str
    code: str | None = None
    reason: str | None = None
    statuses: dict[str, Meaning]
    codes: dict[str, dict[str, Meaning]] = {}
    if_pending: dict[str, ReceiptStatus] = {}
    otherwise: Meaning = "technical-failure"
    reply: Replied = Replied(body='{"result":"success"}')


class ReceivedTexts(Posts, frozen=True, kw_only=True):
    """How the gateway hands on what people send to the services' numbers."""

    sender: str
    receiver: str
    content: str
    reference: str | None = None
    reply: Replied = Replied(body='{"status":"ok"}')
    dropped: Replied | None = None


class Description(Part, frozen=True, kw_only=True):
    """A gateway."""

    about: str = ""
    values: dict[str, Value] = {}
    request: Request
    alphabet: Alphabet | None = None
    answers: Answers = Answers()
    recognises_reference: bool = False
    look_up: LookUp | None = None
    probe: Probe | None = None
    receipts: Receipts | None = None
    received_texts: ReceivedTexts | None = None
