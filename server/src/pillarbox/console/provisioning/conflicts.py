"""What a document says against what is stored already."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from django.db.models import Model

from pillarbox.console.people.models import User
from pillarbox.console.provisioning import document as doc
from pillarbox.console.provisioning.mistakes import Mistakes
from pillarbox.console.provisioning.parts import within
from pillarbox.console.services.models import ApiKey, EmailReplyTo, LetterContact, Service, SmsSender
from pillarbox.console.templates.models import Template, TemplateVersion


def check(document: doc.Document, mistakes: Mistakes) -> None:
    """Find addresses, numbers and ids that belong to others, and versions that are there with other texts."""
    _check_people(document.users, mistakes)
    _check_inbound_numbers(document.services, mistakes)
    owned: list[tuple[type[Model], str]] = [
        (ApiKey, "api_keys"),
        (SmsSender, "sms_senders"),
        (EmailReplyTo, "email_reply_to"),
        (LetterContact, "letter_contacts"),
        (Template, "templates"),
    ]
    for model, name in owned:
        things = [(service.id, thing) for service in document.services for thing in getattr(service, name)]
        _check_owner(model, things, mistakes)
    _check_versions([template for service in document.services for template in service.templates], mistakes)


def _check_people(users: Sequence[doc.User], mistakes: Mistakes) -> None:
    ids = dict(
        User.objects.filter(email_address__in=[u.email_address for u in users]).values_list(
            "email_address", "id"
        )
    )
    for user in users:
        if ids.get(user.email_address, user.id) != user.id:
            mistakes.add(
                within(user.place, "email_address"), "is the address of somebody else who is there already"
            )


def _check_inbound_numbers(services: Sequence[doc.Service], mistakes: Mistakes) -> None:
    numbers = [service.inbound_number for service in services if service.inbound_number]
    owners = dict(Service.objects.filter(inbound_number__in=numbers).values_list("inbound_number", "id"))
    moving = {service.id for service in services}
    for service in services:
        owner = owners.get(service.inbound_number, service.id)
        if owner != service.id and owner not in moving:
            mistakes.add(within(service.place, "inbound_number"), f"is the number of service {owner} already")


class _Owned(Protocol):
    place: str
    id: UUID


def _check_owner(model: type[Model], things: Iterable[tuple[UUID, _Owned]], mistakes: Mistakes) -> None:
    """A key or template that changed hands would take a service's messages with it."""
    things = list(things)
    ids = [thing.id for _, thing in things]
    owners = dict(model._default_manager.filter(pk__in=ids).values_list("pk", "service_id"))  # noqa: SLF001 - Django's documented name for it
    for service_id, thing in things:
        owner = owners.get(thing.id, service_id)
        if owner != service_id:
            mistakes.add(within(thing.place, "id"), f"belongs to service {owner} already")


def _check_versions(templates: Sequence[doc.Template], mistakes: Mistakes) -> None:
    """Messages are shown from the version that they used, so what is there stays as it is."""
    there = {
        (version.template_id, version.version): version
        for version in TemplateVersion.objects.filter(template_id__in=[template.id for template in templates])
    }
    channels = dict(
        Template.objects.filter(pk__in=[template.id for template in templates]).values_list("pk", "channel")
    )
    for template in templates:
        if channels.get(template.id, template.type) != template.type:
            mistakes.add(within(template.place, "type"), "is another than that of the template that is there")
        for version in template.versions:
            stored = there.pop((template.id, version.version), None)
            if stored is not None and not _same(stored, version):
                mistakes.add(
                    version.place, "is there with other texts: add a version instead of changing one"
                )
    surplus = {template_id for template_id, _ in there}
    for template in templates:
        if template.id in surplus:
            mistakes.add(
                within(template.place, "versions"),
                "there are newer ones already: versions cannot be taken back",
            )


def _same(stored: TemplateVersion, version: doc.TemplateVersion) -> bool:
    return (stored.name, stored.subject, stored.content) == (version.name, version.subject, version.content)
