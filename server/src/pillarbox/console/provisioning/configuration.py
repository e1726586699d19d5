"""Writing what services are made of: people, services, senders, keys, templates, rates."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from pillarbox.console.people.models import User
from pillarbox.console.provisioning import document as doc
from pillarbox.console.provisioning.index import Index
from pillarbox.console.provisioning.rows import Tally, Values, keep_only, put
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

_BY_ID = ("id",)


class Configuration:
    """Makes the configuration tables hold what a document says, table by table."""

    def __init__(self, document: doc.Document, index: Index, seal: Seal, tally: Tally) -> None:
        self._document = document
        self._services = document.services
        self._index = index
        self._seal = seal
        self._tally = tally

    def apply(self) -> None:
        """Write what is not there or differs. In an order in which whatever is referred to is there first."""
        put(User, _BY_ID, [_user(user) for user in self._document.users], self._tally)
        put(Service, _BY_ID, [self._service(service) for service in self._services], self._tally)
        self._people()
        self._senders()
        self._keys()
        self._callbacks()
        self._templates()
        self._rates()

    def _service(self, service: doc.Service) -> Values:
        limits = service.daily_limits
        return {
            "id": service.id,
            "name": service.name,
            "email_local_part": service.email_sender_local_part,
            "restricted": service.restricted,
            "active": service.active,
            "permissions": list(service.permissions),
            "prefix_sms": service.prefix_sms,
            "rate_limit": service.rate_limit,
            "sms_daily_limit": limits.sms,
            "email_daily_limit": limits.email,
            "letter_daily_limit": limits.letter,
            "international_sms_daily_limit": limits.international_sms,
            "contact_link": service.contact_link,
            "inbound_number": service.inbound_number,
            "retention_days": dict(service.data_retention_days),
            "providers": dict(service.providers),
            "created_by_id": self._person(service.created_by),
        }

    def _people(self) -> None:
        """The team and the guest list are lists of the service's own: whom the file leaves out is taken off."""
        team = {one.id: {self._index.users[ref].id for ref in one.users} for one in self._services}
        guests = {one.id: set(one.guest_list) for one in self._services}
        for model, key, wanted in ((Membership, "user_id", team), (GuestListEntry, "recipient", guests)):
            rows = [
                {"service_id": service_id, key: one} for service_id, all_ in wanted.items() for one in all_
            ]
            keep_only(model, "service_id", key, wanted, self._tally)
            put(model, ("service_id", key), rows, self._tally)

    def _senders(self) -> None:
        fields: list[tuple[type[Any], str, str]] = [
            (SmsSender, "sms_senders", "sms_sender"),
            (EmailReplyTo, "email_reply_to", "email_address"),
            (LetterContact, "letter_contacts", "contact_block"),
        ]
        for model, name, field in fields:
            rows = [
                {
                    "id": sender.id,
                    "service_id": service.id,
                    field: getattr(sender, field),
                    "is_default": sender.is_default,
                    "archived": sender.archived,
                }
                for service in self._services
                for sender in getattr(service, name)
            ]
            put(model, _BY_ID, rows, self._tally)

    def _keys(self) -> None:
        keys = [(service, key) for service in self._services for key in service.api_keys]
        there = ApiKey.objects.in_bulk([key.id for _, key in keys])
        rows = [
            {
                "id": key.id,
                "service_id": service.id,
                "name": key.name,
                "key_type": key.key_type,
                "secret": self._sealed(key.secret, there[key.id].secret if key.id in there else None),
                "revoked_at": _revoked_at(key, there.get(key.id)),
            }
            for service, key in keys
        ]
        put(ApiKey, _BY_ID, rows, self._tally)

    def _callbacks(self) -> None:
        services = [service.id for service in self._services]
        there = {
            (callback.service_id, callback.kind): callback.bearer_token
            for callback in Callback.objects.filter(service_id__in=services)
        }
        rows = [
            {
                "service_id": service.id,
                "kind": callback.type,
                "url": callback.url,
                "bearer_token": self._sealed(callback.bearer_token, there.get((service.id, callback.type))),
            }
            for service in self._services
            for callback in service.callbacks
        ]
        put(Callback, ("service_id", "kind"), rows, self._tally)

    def _templates(self) -> None:
        rows, versions = [], []
        for service in self._services:
            contacts = {contact.ref: contact.id for contact in service.letter_contacts}
            for template in service.templates:
                rows.append(_template(service.id, template, contacts.get(template.letter_contact or "")))
                versions += self._versions(template)
        written = put(Template, _BY_ID, rows, self._tally)
        put(TemplateVersion, ("template_id", "version"), versions, self._tally)
        edited = Template.objects.filter(pk__in=[row.pk for row in written], version__gt=1)
        edited.update(updated_at=timezone.now())

    def _versions(self, template: doc.Template) -> list[Values]:
        return [
            {
                "template_id": template.id,
                "version": version.version,
                "name": version.name,
                "subject": version.subject,
                "content": version.content,
                "archived": template.archived and version is template.versions[-1],
                "created_by_id": self._person(template.created_by),
            }
            for version in template.versions
        ]

    def _rates(self) -> None:
        config = self._document.config
        sms = [
            {"valid_from": _moment(rate.valid_from), "rate": _pounds(rate.rate)} for rate in config.sms_rates
        ]
        put(SmsRate, ("valid_from",), sms, self._tally)
        letters = [
            {
                "post_class": rate.post_class,
                "sheet_count": rate.sheet_count,
                "start_date": _moment(rate.start_date),
                "rate": _pounds(rate.rate),
                "end_date": _moment(rate.end_date) if rate.end_date else None,
            }
            for rate in config.letter_rates
        ]
        put(LetterRate, ("post_class", "sheet_count", "start_date"), letters, self._tally)

    def _person(self, ref: str | None) -> UUID | None:
        return None if ref is None else self._index.users[ref].id

    def _sealed(self, secret: str, there: bytes | memoryview | None) -> bytes:
        """A sealed secret looks different each time: what is there stays if it is the same inside."""
        if there is not None:
            try:
                if self._seal.open(bytes(there)) == secret:
                    return bytes(there)
            except SealBrokenError:
                pass  # it was sealed with another key, and can be read again once it is sealed with this one
        return self._seal.close(secret)


def _user(user: doc.User) -> Values:
    return {
        "id": user.id,
        "name": user.name,
        "email_address": user.email_address,
        "mobile_number": user.mobile_number,
    }


def _template(service_id: UUID, template: doc.Template, letter_contact_id: UUID | None) -> Values:
    return {
        "id": template.id,
        "service_id": service_id,
        "channel": template.type,
        "name": template.name,
        "version": template.versions[-1].version,
        "archived": template.archived,
        "hidden": template.hidden,
        "has_unsubscribe_link": template.has_unsubscribe_link,
        "postage": template.postage,
        "letter_contact_id": letter_contact_id,
    }


def _revoked_at(key: doc.ApiKey, there: ApiKey | None) -> datetime | None:
    """Days are counted back from the first time that the file was applied."""
    if key.revoked is None:
        return None
    if there is not None and there.revoked_at is not None:
        return there.revoked_at
    return timezone.now() - timedelta(days=int(key.revoked.split()[0]))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _pounds(rate: float) -> Decimal:
    return Decimal(str(rate)).quantize(Decimal("0.000001"))
