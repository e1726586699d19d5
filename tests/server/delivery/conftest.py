"""A fresh outbox for each test, with one service in its database."""

import pytest

from tests.support.api import provision
from tests.support.console import migrate
from tests.support.delivering import ScriptedProvider, delivering, routes_to
from tests.support.factories import MadeService, document


@pytest.fixture(scope="session")
def service():
    return MadeService("deliverer")


@pytest.fixture
def database_url(databases, service):
    def prepare(url):
        migrate(url)
        provision(url, document(service))

    with databases.fresh(databases.template("delivering", prepare)) as url:
        yield url


@pytest.fixture
async def post(database_url, service):
    """Messages in an outbox, and what becomes of them."""
    async with delivering(database_url, service) as post:
        yield post


@pytest.fixture
def provider():
    return ScriptedProvider()


@pytest.fixture
async def routes(provider):
    async with routes_to(provider) as routes:
        yield routes
