"""Applying a provisioning file: all of it in one transaction, twice the same as once."""

from pathlib import Path

from django.db import IntegrityError, transaction

from pillarbox.console.provisioning import checks, conflicts, past, reading
from pillarbox.console.provisioning.configuration import Configuration
from pillarbox.console.provisioning.document import Document
from pillarbox.console.provisioning.index import Index
from pillarbox.console.provisioning.mistakes import Mistakes, ProvisioningError
from pillarbox.console.provisioning.rows import Tally
from pillarbox.store.sealing import Seal


def apply_file(path: Path, seal: Seal, database_url: str) -> Tally:
    """Create what a file names and is not there, and change what differs; what it does not name is left alone.

    Args:
        path: a file of JSON or YAML (docs/reference/provisioning.md).
        seal: closes secrets before they are stored.
        database_url: the database that Django is connected to; days of the past are made ready in it.

    Returns:
        How many rows were written.

    Raises:
        ProvisioningError: with every mistake in the file; nothing was changed.
    """
    document, mistakes = reading.read(path)
    checks.check(document, mistakes)
    mistakes.stop_if_any()
    past.make_days_ready(document, database_url)
    return apply(document, seal, mistakes)


def apply(document: Document, seal: Seal, mistakes: Mistakes | None = None) -> Tally:
    """Apply a document that holds no mistakes in itself.

    Args:
        document: what to create or change.
        seal: closes secrets before they are stored.
        mistakes: knows the document's file, for mistakes that show only beside what is stored.

    Returns:
        How many rows were written.

    Raises:
        ProvisioningError: it contradicts what is stored already; nothing was changed.
    """
    mistakes = Mistakes() if mistakes is None else mistakes
    conflicts.check(document, mistakes)
    mistakes.stop_if_any()
    index, tally = Index(document), Tally()
    try:
        with transaction.atomic():
            Configuration(document, index, seal, tally).apply()
            past.apply(document, index, tally)
    except IntegrityError as error:  # somebody else wrote at the same time
        raise ProvisioningError([f"It contradicts what is stored: {error}"]) from error
    return tally
