"""Receipts of SMSCs: parameters, and a line of words that each vendor writes in its own way (SMPP 3.4, appendix B)."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pillarbox.messages.posts import Receipt, ReceiptStatus
from pillarbox.providers.smpp.alphabet import UCS2
from pillarbox.providers.smpp.deliveries import Delivery
from pillarbox.providers.smpp.pdu import Tag

Ids = Literal["text", "decimal", "hexadecimal"]

_FIELD = re.compile(r"(?<!\S)(id|sub|dlvrd|submit[ _]date|done[ _]date|stat|err|text):", re.IGNORECASE)

# Not final: ENROUTE, ACCEPTD, SCHEDULED. The number is fine, another attempt may do: EXPIRED (the phone was away for
# the whole validity period), DELETED (taken out of the SMSC's queue). The network will not deliver it: UNDELIV,
# REJECTD. UNKNOWN: the SMSC has lost track of it; so it is with words that nobody has heard of.
_STATUSES: dict[str, ReceiptStatus] = {
    "SCHEDULED": "pending",
    "ENROUTE": "pending",
    "ACCEPTD": "pending",
    "ACCEPTED": "pending",
    "DELIVRD": "delivered",
    "DELIVERED": "delivered",
    "EXPIRED": "temporary-failure",
    "DELETED": "temporary-failure",
    "UNDELIV": "permanent-failure",
    "UNDELIVERABLE": "permanent-failure",
    "REJECTD": "permanent-failure",
    "REJECTED": "permanent-failure",
}
_STATES = {  # message_state (SMPP 3.4, 5.2.28; 0 and 9 come from version 5)
    0: "SCHEDULED",
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
    9: "SKIPPED",
}
# Errors of GSM networks (GSM 09.02, 17.6.6) after which the same text may arrive an hour later: absent subscriber,
# subscriber busy for texts, memory full, system failure.
_PASSING_GSM_ERRORS = frozenset({6, 27, 31, 32, 34})
_GSM_NETWORK = 3
_MOST_READ = 1000  # characters of a receipt's text, which has some 150
_DATES = {10: "%y%m%d%H%M", 12: "%y%m%d%H%M%S", 14: "%Y%m%d%H%M%S"}


def words_of(text: str) -> dict[str, str]:
    """Return the fields of a receipt's text by their names in small letters, without the message that it quotes."""
    fields: dict[str, str] = {}
    head = text[:_MOST_READ]
    found = list(_FIELD.finditer(head))
    ends = [*(match.start() for match in found[1:]), len(head)]
    for match, end in zip(found, ends, strict=False):
        name = match[1].lower().replace("_", " ")
        if name == "text":
            break
        fields.setdefault(name, head[match.end() : end].strip())
    return fields


def status_of(word: str, error: str = "", passing: Collection[str] = ()) -> ReceiptStatus:
    """Return what an SMSC's word for a state stands for; `passing` are errors after which it may yet arrive."""
    status = _STATUSES.get(word.upper(), "technical-failure")
    return "temporary-failure" if status == "permanent-failure" and error in passing else status


def canonical(reference: str, ids: Ids) -> str:
    """Return an id in the form in which ids are compared: numbers in decimal without zeros in front."""
    if ids == "text" or not reference.isalnum():
        return reference
    try:
        return str(int(reference, 16 if ids == "hexadecimal" else 10))
    except ValueError:
        return reference


def receipt_of(delivery: Delivery, ids: Ids, passing: Collection[str], zone: ZoneInfo) -> Receipt | None:
    """Read a receipt; None if it does not say which message it is about."""
    fields = words_of(_receipt_text(delivery))
    reference = _parameter_text(delivery) or fields.get("id", "")
    if not reference:
        return None
    word = _state(delivery) or fields.get("stat", "")
    network, error = _network_error(delivery), fields.get("err", "")
    status = status_of(word, error, passing)
    if status == "permanent-failure" and network and network[0] == _GSM_NETWORK:
        status = status_of(word, "gsm", {"gsm"} if network[1] in _PASSING_GSM_ERRORS else ())
    return Receipt(
        canonical(reference, ids),
        status if delivery.is_final else "pending",
        theirs=True,
        code=_code(error, network),
        reason=word[:40] or None,
        at=_moment(fields.get("done date", ""), zone),
    )


def _receipt_text(delivery: Delivery) -> str:
    """Receipts say that they are written in GSM's alphabet and mean ASCII."""
    text = delivery.text if delivery.data_coding == UCS2 else delivery.octets.decode("latin-1")
    return text.replace("\0", "")


def _parameter_text(delivery: Delivery) -> str:
    value = delivery.parameters.get(Tag.RECEIPTED_MESSAGE_ID, b"")
    return value.split(b"\0")[0].decode("latin-1").strip()


def _state(delivery: Delivery) -> str:
    value = delivery.parameters.get(Tag.MESSAGE_STATE, b"")
    return _STATES.get(value[0], "") if value else ""


def _network_error(delivery: Delivery) -> tuple[int, int] | None:
    """The kind of network and its error (SMPP 3.4, 5.3.2.31)."""
    value = delivery.parameters.get(Tag.NETWORK_ERROR_CODE, b"")
    return (value[0], int.from_bytes(value[1:], "big")) if len(value) == 3 else None


def error_code(error: str) -> str | None:
    """Return a receipt's word for an error; zeros say that there was none."""
    return error[:20] if error.strip("0") else None


def _code(error: str, network: tuple[int, int] | None) -> str | None:
    return error_code(error) or (str(network[1]) if network and network[1] else None)


def _moment(date: str, zone: ZoneInfo) -> datetime | None:
    """Whatever is no date says nothing."""
    if not (date.isascii() and date.isdigit()):
        return None
    try:
        return datetime.strptime(date, _DATES[len(date)]).replace(tzinfo=zone)
    except (KeyError, ValueError):
        return None
