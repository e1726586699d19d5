"""A stub server and a client that talks to it."""

from typing import Iterator

import pytest

from notifications_python_client import NotificationsAPIClient
from tests.client.stub_server import StubServer

SERVICE_ID = "fce57985-d0af-4a5b-a70d-fce91c892c49"
SECRET = "4bfa8c16-306e-4fb6-8e1b-d224acaa158b"
API_KEY = f"main_live_key-{SERVICE_ID}-{SECRET}"


@pytest.fixture
def api_key() -> str:
    return API_KEY


@pytest.fixture
def stub() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


@pytest.fixture
def client(stub: StubServer) -> Iterator[NotificationsAPIClient]:
    with NotificationsAPIClient(API_KEY, base_url=stub.url, timeout=5) as client:
        yield client
