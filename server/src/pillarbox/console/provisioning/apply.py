"""Applying a provisioning file: all of it in one transaction, twice the same as once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from pillarbox.console.people.models import User
from pillarbox.console.provisioning import document as doc
from pillarbox.console.rates.models import LetterRate, SmsRate
from pillarbox.console.services.models import (
    ApiKey,
    Callback,
    EmailReplyTo,
    GuestListEntry,
    LetterContact,
    Membership,
    Service,
    SmsSender,
)
from pillarbox.console.templates.models import Template, TemplateVersion
from pillarbox.store.sealing import Seal, SealBrokenError


@transaction.atomic
def apply(document: doc.Document, seal: Seal) -> None:
    """Create what is not there and change what differs. What the file does not name is left alone."""
    users = {user.ref: user.id for user in document.users}
    for user in document.users:
        _put(
            User, user.id, name=user.name, email_address=user.email_address, mobile_number=user.mobile_number
        )
    for service in document.services:
        _apply_service(service, users, seal)
    _apply_rates(document.config)


def _apply_service(service: doc.Service, users: dict[str, UUID], seal: Seal) -> None:
    limits = service.daily_limits
    _put(
        Service,
        service.id,
        name=service.name,
        email_local_part=service.email_sender_local_part,
        restricted=service.restricted,
        active=service.active,
        permissions=list(service.permissions),
        prefix_sms=service.prefix_sms,
        rate_limit=service.rate_limit,
        sms_daily_limit=limits.sms,
        email_daily_limit=limits.email,
        letter_daily_limit=limits.letter,
        international_sms_daily_limit=limits.international_sms,
        contact_link=service.contact_link,
        inbound_number=service.inbound_number,
        retention_days=service.data_retention_days,
        created_by_id=_user(service.created_by, users),
    )
    _apply_people(service, users)
    _apply_senders(service)
    for key in service.api_keys:
        _apply_key(service.id, key, seal)
    for callback in service.callbacks:
        _apply_callback(service.id, callback, seal)
    contacts = {contact.ref: contact.id for contact in service.letter_contacts}
    for template in service.templates:
        _apply_template(service.id, template, users, contacts)


def _apply_people(service: doc.Service, users: dict[str, UUID]) -> None:
    for ref in service.users:
        Membership.objects.get_or_create(service_id=service.id, user_id=users[ref])
    for recipient in service.guest_list:
        GuestListEntry.objects.get_or_create(service_id=service.id, recipient=recipient)


def _apply_senders(service: doc.Service) -> None:
    for sender in service.sms_senders:
        _put(
            SmsSender,
            sender.id,
            service_id=service.id,
            sms_sender=sender.sms_sender,
            is_default=sender.is_default,
            archived=sender.archived,
        )
    for reply_to in service.email_reply_to:
        _put(
            EmailReplyTo,
            reply_to.id,
            service_id=service.id,
            email_address=reply_to.email_address,
            is_default=reply_to.is_default,
            archived=reply_to.archived,
        )
    for contact in service.letter_contacts:
        _put(
            LetterContact,
            contact.id,
            service_id=service.id,
            contact_block=contact.contact_block,
            is_default=contact.is_default,
        )


def _apply_key(service_id: UUID, key: doc.ApiKey, seal: Seal) -> None:
    """A sealed secret looks different each time: it is replaced only if it is another one inside."""
    values: dict[str, Any] = {"service_id": service_id, "name": key.name, "key_type": key.key_type}
    there = ApiKey.objects.filter(pk=key.id).first()
    if there is None or not _holds(seal, there.secret, key.secret):
        values["secret"] = seal.close(key.secret)
    if key.revoked is None:
        values["revoked_at"] = None
    elif there is None or there.revoked_at is None:
        days = int(key.revoked.split()[0])
        values["revoked_at"] = timezone.now() - timedelta(days=days)
    _put(ApiKey, key.id, **values)


def _apply_callback(service_id: UUID, callback: doc.Callback, seal: Seal) -> None:
    there = Callback.objects.filter(service_id=service_id, kind=callback.type).first()
    if there is None:
        there = Callback(service_id=service_id, kind=callback.type)
    elif there.url == callback.url and _holds(seal, there.bearer_token, callback.bearer_token):
        return
    there.url = callback.url
    there.bearer_token = seal.close(callback.bearer_token)
    there.save()


def _apply_template(
    service_id: UUID, template: doc.Template, users: dict[str, UUID], contacts: dict[str, UUID]
) -> None:
    last = template.versions[-1]
    _put(
        Template,
        template.id,
        service_id=service_id,
        channel=template.type,
        name=template.name,
        version=last.version,
        archived=template.archived,
        hidden=template.hidden,
        has_unsubscribe_link=template.has_unsubscribe_link,
        postage=template.postage,
        letter_contact_id=contacts.get(template.letter_contact) if template.letter_contact else None,
    )
    for version in template.versions:
        TemplateVersion.objects.get_or_create(
            template_id=template.id,
            version=version.version,
            defaults={
                "name": version.name,
                "subject": version.subject,
                "content": version.content,
                "archived": template.archived and version is last,
                "created_by_id": _user(template.created_by, users),
            },
        )


def _apply_rates(config: doc.Config) -> None:
    for rate in config.sms_rates:
        SmsRate.objects.update_or_create(valid_from=_moment(rate.valid_from), defaults={"rate": rate.rate})
    for letter in config.letter_rates:
        LetterRate.objects.update_or_create(
            post_class=letter.post_class,
            sheet_count=letter.sheet_count,
            start_date=_moment(letter.start_date),
            defaults={"rate": letter.rate, "end_date": _moment(letter.end_date) if letter.end_date else None},
        )


def _put(model: type[models.Model], identifier: UUID, **values: Any) -> None:
    """Create a row, or change what differs in it."""
    there = model._default_manager.filter(pk=identifier).first()  # noqa: SLF001 - Django's documented name for it
    if there is None:
        model._default_manager.create(pk=identifier, **values)  # noqa: SLF001 - as above
        return
    changed = [name for name, value in values.items() if getattr(there, name) != value]
    for name in changed:
        setattr(there, name, values[name])
    if changed:
        there.save()


def _holds(seal: Seal, sealed: bytes | memoryview, secret: str) -> bool:
    try:
        return seal.open(bytes(sealed)) == secret
    except SealBrokenError:
        return False


def _user(ref: str | None, users: dict[str, UUID]) -> UUID | None:
    return None if ref is None else users[ref]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
