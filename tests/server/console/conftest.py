"""Databases for tests of the console."""

import pytest

from tests.support.console import connected, migrate


@pytest.fixture
def database_url(databases):
    """The URL of a migrated database of this test's own, which Django is connected to."""
    with databases.fresh(databases.template("migrated", migrate)) as url, connected(url):
        yield url
