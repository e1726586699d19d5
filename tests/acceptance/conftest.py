"""A running Pillarbox for the tests that neither stop nor change it."""

from collections.abc import Iterator

import pytest

from tests.support.pillarbox import Pillarbox, pillarbox_up
from tests.support.postgres import public_directory


@pytest.fixture(scope="session")
def pillarbox() -> Iterator[Pillarbox]:
    """`pillarbox up` on a new directory."""
    with public_directory() as directory, pillarbox_up(directory / "data") as running:
        yield running
