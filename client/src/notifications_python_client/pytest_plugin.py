"""Fixtures for pytest: `notify_sandbox`, a real Pillarbox, and `notify_fake`, a fake without a server.

Everything else is imported by the fixtures: pytest loads this module in every run on a machine that has the client.
"""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING, Any, Iterator, Optional
from urllib.parse import parse_qsl

import pytest

if TYPE_CHECKING:
    from notifications_python_client._core import Outgoing
    from notifications_python_client.testing.fake import FakeNotify
    from notifications_python_client.testing.sandbox import Sandbox, Server


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our settings to pytest's configuration file."""
    parser.addini("notify_sandbox_url", "Where a Pillarbox runs; without it one is started")
    parser.addini(
        "notify_sandbox_provision", "File of services and templates for the Pillarbox that is started"
    )


@pytest.fixture(scope="session")
def notify_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A Pillarbox for the whole run: one that runs already, or one of our own.

    NOTIFY_SANDBOX_URL with NOTIFY_SANDBOX_KEY (and NOTIFY_SANDBOX_INBOX_TOKEN), or the setting
    `notify_sandbox_url`, name one that runs. Otherwise `pillarbox up` is started; where it is not installed,
    tests that need it are skipped.
    """
    from notifications_python_client.testing import sandbox  # noqa: PLC0415 - see the module

    url = os.environ.get("NOTIFY_SANDBOX_URL") or request.config.getini("notify_sandbox_url")
    if url:
        keys = {"live": os.environ["NOTIFY_SANDBOX_KEY"]}
        yield sandbox.Server(url.rstrip("/"), keys, os.environ.get("NOTIFY_SANDBOX_INBOX_TOKEN"))
        return
    if sandbox.installed() is None:
        pytest.skip(f"`{sandbox.COMMAND}` is not installed, and NOTIFY_SANDBOX_URL is not set")
    provision = request.config.getini("notify_sandbox_provision")
    if provision:
        provision = str(request.config.rootpath / provision)
    with sandbox.PillarboxProcess(tmp_path_factory.mktemp("pillarbox") / "data", provision) as server:
        yield server


@pytest.fixture
def notify_sandbox(notify_server: Server) -> Iterator[Sandbox]:
    """A client of a real Pillarbox, its templates, and the inbox since the test began."""
    from notifications_python_client.testing.sandbox import Sandbox  # noqa: PLC0415 - see the module

    sandbox = Sandbox(notify_server)
    yield sandbox
    sandbox.close()


@pytest.fixture
def notify_fake(monkeypatch: pytest.MonkeyPatch) -> FakeNotify:
    """A fake that answers every client in the process, whenever it was made; nothing goes out."""
    from notifications_python_client import base  # noqa: PLC0415 - see the module
    from notifications_python_client.testing.fake import FakeNotify  # noqa: PLC0415 - see the module

    fake = FakeNotify()

    def send(client: Any, outgoing: Outgoing) -> Any:
        return _response(outgoing, *_asked(fake, client, outgoing))

    async def send_async(client: Any, outgoing: Outgoing) -> Any:
        from notifications_python_client._core import Answer  # noqa: PLC0415 - see the module

        status, content = _asked(fake, client, outgoing)
        return Answer(status, {}, content)

    monkeypatch.setattr(base.BaseAPIClient, "_send", send)
    asynchronous = _asynchronous()
    if asynchronous is not None:
        monkeypatch.setattr(asynchronous.AsyncNotificationsAPIClient, "_send", send_async)
    return fake


def _asynchronous() -> Optional[Any]:
    try:
        from notifications_python_client import asynchronous  # noqa: PLC0415 - needs an extra
    except ImportError:
        return None
    return asynchronous


def _asked(fake: FakeNotify, client: Any, outgoing: Outgoing) -> Any:
    from notifications_python_client.testing.fake import Request, path_and_query  # noqa: PLC0415 - see the module

    path, query = path_and_query(outgoing.url)
    pairs = [*parse_qsl(query), *outgoing.query_pairs()]
    headers = client._headers(outgoing)  # noqa: SLF001 - as the client itself does
    request = Request(outgoing.method, path, pairs, headers, outgoing.body)
    status, body = fake.answer(request)
    return status, body if isinstance(body, bytes) else json.dumps(body).encode()


def _response(outgoing: Outgoing, status: int, content: bytes) -> Any:
    import requests  # noqa: PLC0415 - see the module

    response = requests.Response()
    response.status_code, response.raw, response.url = status, io.BytesIO(content), outgoing.url
    return response
