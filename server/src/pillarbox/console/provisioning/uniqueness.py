"""What may be in a document once only: ids, refs, people's addresses, numbers that texts are received at."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from pillarbox.console.provisioning import document as doc
from pillarbox.console.provisioning.mistakes import Mistakes
from pillarbox.console.provisioning.parts import within
from pillarbox.recipients.comparison import format_recipient


class _Identified(Protocol):
    place: str
    ref: str
    id: UUID


def check(document: doc.Document, mistakes: Mistakes) -> None:
    """Find what is there a second time."""
    for kind in _kinds(document):
        check_single([(within(one.place, "id"), str(one.id)) for one in kind], mistakes)
        check_single([(within(one.place, "ref"), one.ref) for one in kind], mistakes)
    check_single(
        [(within(user.place, "email_address"), user.email_address.lower()) for user in document.users],
        mistakes,
    )
    check_single(
        [
            (within(service.place, "inbound_number"), format_recipient(service.inbound_number))
            for service in document.services
            if service.inbound_number
        ],
        mistakes,
    )


def check_single(values: Iterable[tuple[str, str]], mistakes: Mistakes) -> None:
    """Report each value, given with its place, that an earlier place has."""
    first: dict[str, str] = {}
    for place, value in values:
        same = first.setdefault(value, place)
        if same != place:
            mistakes.add(place, f"is the same as {same}, and may be given once only")


def _kinds(document: doc.Document) -> list[Sequence[_Identified]]:
    services = document.services
    return [
        document.users,
        services,
        document.jobs,
        document.notifications,
        document.received_texts,
        [key for service in services for key in service.api_keys],
        [template for service in services for template in service.templates],
        [sender for service in services for sender in service.sms_senders],
        [reply_to for service in services for reply_to in service.email_reply_to],
        [contact for service in services for contact in service.letter_contacts],
    ]
