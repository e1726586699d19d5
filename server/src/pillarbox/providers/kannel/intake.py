"""Reading what Kannel asks our API for: all it has to say stands in the query of a GET."""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qsl
from uuid import UUID

from pillarbox.messages.posts import (
    Caller,
    Incoming,
    News,
    PlainIntake,
    Post,
    PostKind,
    Receipt,
    ReceiptStatus,
    Reply,
    UnauthorisedPostError,
    UnreadablePostError,
)
from pillarbox.providers.kannel.options import USER, Kannel
from pillarbox.providers.smpp.alphabet import decode
from pillarbox.providers.smpp.receipts import status_of, words_of

_UNDELIVERABLE = 2
# Bits of a report, those that decide first: 34 is undeliverable because it has expired.
_STATUSES: dict[int, ReceiptStatus | None] = {
    1: "delivered",
    32: "temporary-failure",
    _UNDELIVERABLE: "permanent-failure",
    16: "permanent-failure",  # refused by the SMSC
    4: "pending",  # queued there
    8: None,  # taken by it
}
_REFUSAL = re.compile(r"NACK/(?P<code>\w{0,20})(?:/(?P<reason>[\w .,-]{0,80}))?")
_MOST_FIELDS = 50
_UCS2 = "2"


class KannelIntake(PlainIntake):
    """Reads the queries that `dlr-url` and `get-url` describe."""

    def __init__(self, name: str, kannel: Kannel) -> None:
        self.name = name
        self._kannel = kannel
        self._networks = [ip_network(address) for address in kannel.addresses]

    def authenticate(self, post: Post, caller: Caller) -> None:  # noqa: ARG002 - whatever it says
        """Let in who knows the token and comes from the right place, as far as the operator has said either.

        Raises:
            UnauthorisedPostError: otherwise.
        """
        given = caller.headers.get("authorization", "")
        if self._kannel.token and not hmac.compare_digest(given.encode(), _basic(self._kannel.token)):
            raise UnauthorisedPostError(missing=not given)
        if self._networks and not self._is_near(caller.address):
            raise UnauthorisedPostError(missing=False)

    def read(self, post: Post) -> Sequence[News]:
        """Return the receipt or the text.

        Raises:
            UnreadablePostError: if a field is missing or makes no sense.
        """
        fields = _fields(post.query)
        return [_text(fields)] if post.kind == "received_text" else [self._receipt(fields)]

    def reply(self, kind: PostKind, *, dropped: bool = False) -> Reply:  # noqa: ARG002 - never any words
        """Say nothing: Kannel would send it to the phone."""
        return Reply(200, "", "text/plain")

    def _is_near(self, address: str) -> bool:
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self._networks)

    def _receipt(self, fields: Mapping[str, bytes]) -> Receipt:
        reference, report = _reference(fields), _number(fields, "status")
        answer = _words(fields.get("answer", b""))
        refused = _REFUSAL.match(answer)
        words = words_of(answer)
        return Receipt(
            reference,
            self._status(report, words),
            code=(refused["code"] if refused else words.get("err", "").strip("0")[:20] and words["err"][:20])
            or None,
            reason=(refused["reason"] if refused else words.get("stat", "")[:40]) or None,
            at=_moment(fields),
        )

    def _status(self, report: int, words: Mapping[str, str]) -> ReceiptStatus | None:
        """Kannel knows two kinds of failure; SMSCs that speak SMPP say more."""
        found: ReceiptStatus | None = "technical-failure"
        found = next((status for bit, status in _STATUSES.items() if report & bit), found)
        if found == "permanent-failure" and report & _UNDELIVERABLE and "stat" in words:
            said = status_of(words["stat"], words.get("err", ""), self._kannel.passing_errors)
            return said if said == "temporary-failure" else found
        return found


def _basic(token: str) -> bytes:
    return b"Basic " + base64.b64encode(f"{USER}:{token}".encode())


def _fields(query: str) -> dict[str, bytes]:
    """The fields of a query, as octets: each text says in which alphabet it is written."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, encoding="latin-1", max_num_fields=_MOST_FIELDS)
        return {name: value.encode("latin-1") for name, value in pairs}
    except ValueError as error:
        raise UnreadablePostError([f"the query cannot be read: {error}"]) from error


def _words(octets: bytes) -> str:
    return octets.decode("utf-8", "replace").replace("\0", "")


def _required(fields: Mapping[str, bytes], name: str) -> str:
    value = _words(fields.get(name, b"")).strip()
    if not value:
        raise UnreadablePostError([f"{name} is missing"])
    return value


def _number(fields: Mapping[str, bytes], name: str) -> int:
    value = _required(fields, name)
    if not (value.isascii() and value.isdigit() and len(value) < 12):
        raise UnreadablePostError([f"{name} is no number"])
    return int(value)


def _reference(fields: Mapping[str, bytes]) -> str:
    try:
        return str(UUID(_required(fields, "reference")))
    except ValueError as error:
        raise UnreadablePostError(["reference is no UUID"]) from error


def _moment(fields: Mapping[str, bytes]) -> datetime | None:
    """Seconds since 1970; of one that makes no sense nothing is known."""
    try:
        return datetime.fromtimestamp(_number(fields, "at"), UTC)
    except (UnreadablePostError, ValueError, OverflowError, OSError):
        return None


def _text(fields: Mapping[str, bytes]) -> Incoming:
    return Incoming(
        _required(fields, "from"),
        _required(fields, "to"),
        _content(fields),
        _words(fields.get("id", b"")).strip() or None,
        _moment(fields),
    )


def _content(fields: Mapping[str, bytes]) -> str:
    """Kannel says in which charset it writes a text; it writes UCS-2 as it came unless it was told to recode."""
    octets, charset = fields.get("text", b""), _words(fields.get("charset", b"")).upper()
    if charset in ("UTF-16BE", "UCS-2", "UCS-2BE") or (
        not charset and fields.get("coding") == _UCS2.encode()
    ):
        return decode(octets, 8)
    try:
        return octets.decode("utf-8").replace("\0", "")
    except UnicodeDecodeError:
        return decode(octets, 3)
