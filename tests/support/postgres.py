"""PostgreSQL for tests: one embedded server a session (and xdist worker), a fresh database for whoever asks.

In the root conftest: `pytest_plugins = ["tests.support.postgres"]`. Then

- `databases` (session) is the server's `Databases`;
- `empty_database` is the URL of a database that only this test sees.

A fixture that gives a migrated database to each test:

    @pytest.fixture
    def database_url(databases):
        template = databases.template("migrated", migrate)  # migrate(url) runs once a session
        with databases.fresh(template) as url:
            yield url

The server does not wait for the disk (`durable=False`). Whoever tests what survives starts an
`EmbeddedPostgres` of their own in `public_directory()`.
"""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from pillarbox.embedded import EmbeddedPostgres


@contextmanager
def public_directory() -> Iterator[Path]:
    """A temporary directory that every user can enter; pytest's own are closed to PostgreSQL's user."""
    path = Path(tempfile.mkdtemp(prefix="pillarbox-test-", dir="/tmp"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Databases:
    """Makes databases on one server, by copying templates, and drops them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}

    @contextmanager
    def fresh(self, template: str = "template1") -> Iterator[str]:
        """The URL of a new copy of a template; dropped at the end, whoever is still connected."""
        name = f"test_{next(self._numbers)}"
        self._run(f'create database "{name}" template "{template}"')
        try:
            yield self._url_of(name)
        finally:
            self._run(f'drop database "{name}" with (force)')

    def template(self, name: str, prepare: Callable[[str], object]) -> str:
        """The name of a database that `prepare`, given its URL, fills once; nobody may stay connected."""
        if name not in self._templates:
            self._run(f'create database "{name}"')
            prepare(self._url_of(name))
            self._templates[name] = name
        return name

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def _url_of(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The session's PostgreSQL server."""
    with public_directory() as directory:
        server = EmbeddedPostgres(directory, durable=False)
        url = server.start()
        yield Databases(url)
        server.stop()


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    with databases.fresh() as url:
        yield url
