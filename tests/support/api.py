"""The API for tests: the real application over real PostgreSQL, in a thread of this process or in its own processes."""

import base64
import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import uvicorn
from starlette.types import ASGIApp

from pillarbox import bootstrap
from pillarbox.api.connections import Connection
from pillarbox.settings import Settings
from pillarbox.store.sealing import Seal
from tests.support.console import connected, migrate
from tests.support.factories import MadeService
from tests.support.pillarbox import COMMAND, environment
from tests.support.ports import free_port
from tests.support.postgres import Databases
from tests.support.processes import Program, wait_until

SECRET_KEY = b"k" * 32


def provision(url: str, document: dict[str, Any]) -> None:
    """Apply a document to a migrated database."""
    with connected(url), tempfile.TemporaryDirectory() as folder:
        from pillarbox.console.provisioning.apply import apply_file

        path = Path(folder) / "document.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        apply_file(path, Seal(SECRET_KEY), url)


@contextmanager
def provisioned(databases: Databases, document: dict[str, Any]) -> Iterator[str]:
    """The URL of a database of one's own with these services in it."""
    with databases.fresh(databases.template("migrated", migrate)) as url:
        provision(url, document)
        yield url


def settings(url: str) -> dict[str, str]:
    """The environment of a server on this database."""
    return {"DATABASE_URL": url, "PILLARBOX_SECRET_KEY": base64.b64encode(SECRET_KEY).decode()}


class Api:
    """A running API."""

    def __init__(self, base: str, database_url: str, program: Program | None = None) -> None:
        self.base = base
        self.database_url = database_url
        self._program = program
        self._session = requests.Session()

    def ask(
        self,
        service: MadeService | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        kind: str = "normal",
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """One request, with a key of a service (or none)."""
        sent = dict(headers or {})
        if service is not None:
            sent["Authorization"] = service.authorization(kind)
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        return self._session.request(method, self.base + path, headers=sent, timeout=60, **content)

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    @property
    def program(self) -> Program:
        """The program, if it runs in processes of its own."""
        assert self._program is not None
        return self._program


@contextmanager
def serving(app: ASGIApp, http: type[Connection] = Connection) -> Iterator[str]:
    """The base URL of an application that runs in a thread."""
    port = free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning", http=http, ws="none", lifespan="on"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), 30, "the API answers")
        assert server.started
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def api_in_thread(url: str) -> Iterator[Api]:
    """The API in this process."""
    with serving(bootstrap.api_app(Settings.read(settings(url)))) as base:
        api = Api(base, url)
        yield api
        api.close()


@contextmanager
def api_in_processes(url: str, workers: int, folder: Path) -> Iterator[Api]:
    """`pillarbox serve` with so many processes."""
    port = free_port()
    command = [COMMAND, "serve", "--port", str(port), "--workers", str(workers)]
    with Program(command, environment(**settings(url)), cwd=folder) as program:
        api = Api(f"http://127.0.0.1:{port}", url, program)
        wait_until(lambda: _answers(api), 40, "pillarbox serve answers")
        yield api
        api.close()
        program.terminate()
        program.wait(40)


def _answers(api: Api) -> bool:
    try:
        return api.ask(None, "GET", "/_status?simple=1").ok
    except requests.ConnectionError:
        return False
