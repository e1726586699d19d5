"""A gateway on loopback."""

import pytest

from tests.support.gateway import gateway as running


@pytest.fixture
async def gateway():
    async with running() as one:
        yield one
