"""Whether the refs in a document lead somewhere, and to what belongs together."""

from typing import Protocol

from pillarbox.console.provisioning import document as doc
from pillarbox.console.provisioning.index import Index
from pillarbox.console.provisioning.messages import BulkNotifications, Job, Notification
from pillarbox.console.provisioning.mistakes import Mistakes
from pillarbox.console.provisioning.parts import within


def check(document: doc.Document, index: Index, mistakes: Mistakes) -> None:
    """Find refs that lead nowhere. Sensible only once every part could be read: a part left out is not there."""
    checker = _Checker(index, mistakes)
    for service in document.services:
        checker.service(service)
    for job in document.jobs:
        checker.job(job)
    for notification in document.notifications:
        checker.notification(notification)
    for text in document.received_texts:
        checker.leads(index.services, text.service, within(text.place, "service"))
    for bulk in document.bulk:
        checker.leads(index.services, bulk.service, within(bulk.place, "service"))
        if isinstance(bulk, BulkNotifications):
            checker.sent(bulk)


class _Sent(Protocol):
    """What was sent by a service, from a template, with a key."""

    place: str
    service: str
    template: str
    key: str | None


class _Checker:
    def __init__(self, index: Index, mistakes: Mistakes) -> None:
        self._index = index
        self._mistakes = mistakes

    def leads(self, things: "dict[str, doc.User] | dict[str, doc.Service]", ref: str, place: str) -> None:
        if ref not in things:
            self._mistakes.add(place, f"there is nothing with the ref {ref!r}")

    def user(self, ref: str | None, place: str) -> None:
        if ref is not None:
            self.leads(self._index.users, ref, place)

    def service(self, service: doc.Service) -> None:
        for number, ref in enumerate(service.users):
            self.user(ref, within(within(service.place, "users"), number))
        self.user(service.created_by, within(service.place, "created_by"))
        contacts = {contact.ref for contact in service.letter_contacts}
        for template in service.templates:
            self.user(template.created_by, within(template.place, "created_by"))
            if template.letter_contact is not None and template.letter_contact not in contacts:
                self._mistakes.add(
                    within(template.place, "letter_contact"),
                    f"the service has no letter contact with the ref {template.letter_contact!r}",
                )

    def job(self, job: Job) -> None:
        self.leads(self._index.services, job.service, within(job.place, "service"))
        self.user(job.created_by, within(job.place, "created_by"))
        self._template(job.service, job.template, job.place)

    def sent(self, sent: _Sent) -> None:
        self._template(sent.service, sent.template, sent.place)
        service = self._index.services.get(sent.service)
        if sent.key is not None and service is not None and sent.key not in {k.ref for k in service.api_keys}:
            self._mistakes.add(within(sent.place, "key"), f"the service has no key with the ref {sent.key!r}")

    def notification(self, notification: Notification) -> None:
        self.leads(self._index.services, notification.service, within(notification.place, "service"))
        self.sent(notification)
        self.user(notification.created_by, within(notification.place, "created_by"))
        job = self._index.jobs.get(notification.job or "")
        if notification.job is not None and (job is None or job.service != notification.service):
            self._mistakes.add(
                within(notification.place, "job"), f"the service has no job with the ref {notification.job!r}"
            )
        template = self._index.templates.get(notification.template)
        if template is not None:
            self._made_from(notification, template)

    def _made_from(self, notification: Notification, template: doc.Template) -> None:
        if template.type != notification.type:
            self._mistakes.add(within(notification.place, "type"), f"the template is of type {template.type}")
        if notification.template_version > len(template.versions):
            self._mistakes.add(
                within(notification.place, "template_version"), "the template has no such version"
            )

    def _template(self, service_ref: str, ref: str, place: str) -> None:
        service = self._index.services.get(service_ref)
        if service is not None and ref not in {template.ref for template in service.templates}:
            self._mistakes.add(within(place, "template"), f"the service has no template with the ref {ref!r}")
