"""What types cannot say of the parts of a document by themselves."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pillarbox.console.provisioning import contacts, references, uniqueness
from pillarbox.console.provisioning import document as doc
from pillarbox.console.provisioning.index import Index
from pillarbox.console.provisioning.messages import Notification
from pillarbox.console.provisioning.mistakes import Mistakes
from pillarbox.console.provisioning.parts import within
from pillarbox.recipients.comparison import format_recipient
from pillarbox.store.ids import created_at_of

_MOST_GUESTS = 5  # of each kind (public API contract, section 6)
_FIRST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-0{11}1")


def check(document: doc.Document, mistakes: Mistakes) -> None:
    """Find everything that is wrong with a document that has been read; what was left out is known already."""
    complete = not mistakes
    for user in document.users:
        mistakes.note(within(user.place, "email_address"), contacts.email_mistake(user.email_address))
        if user.mobile_number:
            mistakes.note(within(user.place, "mobile_number"), contacts.phone_mistake(user.mobile_number))
    for service in document.services:
        _check_service(service, mistakes)
        for template in service.templates:
            _check_template(template, mistakes, complete=complete)
    _check_rates(document.config, mistakes)
    _check_past(document, mistakes)
    uniqueness.check(document, mistakes)
    if complete:
        references.check(document, Index(document), mistakes)


def _check_service(service: doc.Service, mistakes: Mistakes) -> None:
    local_part = contacts.local_part_mistake(service.email_sender_local_part)
    mistakes.note(within(service.place, "email_sender_local_part"), local_part)
    if service.contact_link is not None:
        mistakes.note(within(service.place, "contact_link"), contacts.contact_mistake(service.contact_link))
    if service.inbound_number is not None:
        mistakes.note(within(service.place, "inbound_number"), contacts.phone_mistake(service.inbound_number))
    for reply_to in service.email_reply_to:
        mistakes.note(within(reply_to.place, "email_address"), contacts.email_mistake(reply_to.email_address))
    _check_guests(service, mistakes)
    for senders in (service.sms_senders, service.email_reply_to, service.letter_contacts):
        _check_default(senders, mistakes)
    for callback in service.callbacks:
        mistakes.note(within(callback.place, "url"), contacts.web_address_mistake(callback.url))
    uniqueness.check_single([(within(one.place, "type"), one.type) for one in service.callbacks], mistakes)
    for key in service.api_keys:
        _check_key(service, key, mistakes)


def _check_guests(service: doc.Service, mistakes: Mistakes) -> None:
    place = within(service.place, "guest_list")
    emails = [guest for guest in service.guest_list if "@" in guest]
    for number, guest in enumerate(service.guest_list):
        wrong = contacts.email_mistake(guest) if "@" in guest else contacts.phone_mistake(guest)
        mistakes.note(within(place, number), wrong)
    uniqueness.check_single(
        [(within(place, number), format_recipient(guest)) for number, guest in enumerate(service.guest_list)],
        mistakes,
    )
    if len(emails) > _MOST_GUESTS:
        mistakes.add(place, f"{len(emails)} email addresses, but at most {_MOST_GUESTS} may be guests")
    if len(service.guest_list) - len(emails) > _MOST_GUESTS:
        numbers = len(service.guest_list) - len(emails)
        mistakes.add(place, f"{numbers} phone numbers, but at most {_MOST_GUESTS} may be guests")


class _Sender(Protocol):
    place: str
    is_default: bool
    archived: bool


def _check_default(senders: Sequence[_Sender], mistakes: Mistakes) -> None:
    defaults = [sender for sender in senders if sender.is_default]
    for sender in defaults[1:]:
        mistakes.add(
            within(sender.place, "is_default"), f"{defaults[0].place} is the default of this service already"
        )
    for sender in defaults:
        if sender.archived:
            mistakes.add(within(sender.place, "archived"), "what is archived cannot be the default")


def _check_key(service: doc.Service, key: doc.ApiKey, mistakes: Mistakes) -> None:
    try:
        UUID(key.secret)
    except ValueError:
        mistakes.add(within(key.place, "secret"), "must be a UUID with hyphens")
    if key.api_key is not None and not key.api_key.endswith(f"-{service.id}-{key.secret}"):
        mistakes.add(within(key.place, "api_key"), "does not end with the service's id and this key's secret")


def _check_template(template: doc.Template, mistakes: Mistakes, *, complete: bool) -> None:
    numbers = [version.version for version in template.versions]
    if complete and (not numbers or numbers != list(range(1, len(numbers) + 1))):
        mistakes.add(within(template.place, "versions"), "must be numbered 1, 2, 3 …")
    for version in template.versions:
        if template.type == "sms" and version.subject is not None:
            mistakes.add(within(version.place, "subject"), "a text has none")
        if template.type != "sms" and version.subject is None:
            mistakes.add(version.place, "subject is missing")
    for name, channel in (
        ("postage", "letter"),
        ("letter_contact", "letter"),
        ("has_unsubscribe_link", "email"),
    ):
        if getattr(template, name) and template.type != channel:
            mistakes.add(within(template.place, name), f"only templates of type {channel} have one")


def _check_rates(config: doc.Config, mistakes: Mistakes) -> None:
    moments = [(within(rate.place, "valid_from"), rate.valid_from) for rate in config.sms_rates]
    for letter in config.letter_rates:
        moments.append((within(letter.place, "start_date"), letter.start_date))
        if letter.end_date is not None:
            moments.append((within(letter.place, "end_date"), letter.end_date))
    for place, text in moments:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            mistakes.add(place, "must be a date or a time, such as 2026-04-01T00:00:00Z")


def _check_past(document: doc.Document, mistakes: Mistakes) -> None:
    for notification in document.notifications:
        _check_notification(notification, mistakes)
    for bulk in document.bulk:
        if not _FIRST_ID.search(bulk.id_rule):
            mistakes.add(
                within(bulk.place, "id_rule"), "must hold the first id, which ends with -000000000001"
            )


def _check_notification(notification: Notification, mistakes: Mistakes) -> None:
    if created_at_of(notification.id) is not None:
        mistakes.add(
            within(notification.place, "id"),
            "holds a time of its own (UUID version 7): give one of version 4",
        )
    checks = {"sms": contacts.phone_mistake, "email": contacts.email_mistake}
    if notification.type in checks:
        mistakes.note(within(notification.place, "to"), checks[notification.type](notification.to))
