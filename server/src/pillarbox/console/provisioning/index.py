"""Finding by its `ref` what other parts of a document speak of."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from pillarbox.console.provisioning import document as doc
from pillarbox.console.provisioning.messages import Job


class _Named(Protocol):
    ref: str


N = TypeVar("N", bound=_Named)


class Index:
    """Everything in a document that has a `ref`, by it. Of equal refs the first counts."""

    def __init__(self, document: doc.Document) -> None:
        services = document.services
        self.users: dict[str, doc.User] = _by_ref(document.users)
        self.services: dict[str, doc.Service] = _by_ref(services)
        self.keys: dict[str, doc.ApiKey] = _by_ref(key for one in services for key in one.api_keys)
        self.templates: dict[str, doc.Template] = _by_ref(it for one in services for it in one.templates)
        self.jobs: dict[str, Job] = _by_ref(document.jobs)


def _by_ref(things: Iterable[N]) -> dict[str, N]:
    found: dict[str, N] = {}
    for thing in things:
        found.setdefault(thing.ref, thing)
    return found
