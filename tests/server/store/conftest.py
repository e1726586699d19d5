"""The data plane's tables in a database of each test's own, with one service in them."""

import pytest

from pillarbox.store.database import open_pool
from pillarbox.store.partitions import ensure_days_ahead
from pillarbox.store.sealing import Seal
from pillarbox.store.store import Store
from tests.support.api import SECRET_KEY, provisioned
from tests.support.factories import MadeService, document

SERVICE = MadeService("stored")


@pytest.fixture
def service():
    """The service that is there."""
    return SERVICE


@pytest.fixture
def url(databases):
    with provisioned(databases, document(SERVICE)) as database:
        yield database


@pytest.fixture
async def store(url):
    pool = await open_pool(url)
    async with pool.connection() as connection:
        await ensure_days_ahead(connection)
    yield Store.over(pool, Seal(SECRET_KEY))
    await pool.close()
