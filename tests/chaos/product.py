"""Pillarbox as it stands in the storm: a database, two API processes, two workers, and what takes bounces."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.chaos.gateway import DESCRIPTION
from tests.chaos.parts import Database, Process
from tests.chaos.scene import BOUNCES, PASSWORD, WORKERS, Scene
from tests.chaos.smsc import PATIENCE
from tests.support.factories import MadeService, document
from tests.support.pillarbox import environment
from tests.support.ports import free_port

COUNTERPARTS = ("gateway", "smsc", "relay", "endpoint")
APIS = ("api-1", "api-2")
LISTENING = (*(f"{name} for {who}" for name in COUNTERPARTS for who in WORKERS), *APIS, "bounces")


def new_scene(directory: Path, seed: int) -> Scene:
    """A scene on ports that are free."""
    scene = Scene(str(directory), seed, time.time(), {name: free_port() for name in LISTENING})
    assert len(set(scene.ports.values())) == len(LISTENING)
    scene.save()
    return scene


class Product:
    """All processes of a run; `service` is the one that sends."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.database = Database(scene.path)
        self.service = MadeService("stormy", options={"callbacks": [_callback(scene)]})
        self._write_files()
        self._env = environment(
            DATABASE_URL=self.database.url,
            PILLARBOX_DATA=scene.directory,
            PILLARBOX_API_URL=scene.url("api-1"),
            PILLARBOX_PRIVATE_CALLBACKS="allow",
        )
        self.processes = [self._process(name) for name in (*COUNTERPARTS, *APIS, *WORKERS, "bounces")]

    def start(self) -> None:
        """Everything, and wait until the API answers."""
        for arguments in (["migrate"], ["provision", str(self.scene.path / "service.json")]):
            subprocess.run(
                [sys.executable, "-m", "pillarbox", *arguments],
                env=self._env,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        for process in self.processes:
            process.start()
        for name in APIS:
            _wait_for(f"{self.scene.url(name)}/_status?simple=1")

    def stop(self) -> None:
        """At once: what was to be seen has been seen."""
        for process in self.processes:
            process.kill()
        self.database.stop()

    def _process(self, name: str) -> Process:
        port = str(self.scene.ports.get(name, 0))
        commands = {
            "api": ["pillarbox", "serve", "--port", port, "--while-stdin-is-open"],
            "worker": ["pillarbox", "work", "--while-stdin-is-open"],
            "bounces": ["pillarbox", "bounces", "--listen", f"127.0.0.1:{port}", "--while-stdin-is-open"],
        }
        command = commands.get(name.split("-", maxsplit=1)[0], [f"tests.chaos.{name}", self.scene.directory])
        file = f"providers-of-{name if name in WORKERS else WORKERS[0]}.json"
        env = self._env | {"PILLARBOX_PROVIDERS_FILE": str(self.scene.path / file)}
        return Process(name, command, env, self.scene.path)

    def _write_files(self) -> None:
        path = self.scene.path
        (path / "gateway.yaml").write_text(DESCRIPTION)
        (path / "service.json").write_text(json.dumps(document(self.service)))
        for who in WORKERS:
            file = path / f"providers-of-{who}.json"
            file.write_text(json.dumps({"providers": _providers(self.scene, who)}))


def _providers(scene: Scene, who: str) -> list[dict[str, Any]]:
    """The same for all workers, on ports of their own."""
    port = {name: scene.ports[f"{name} for {who}"] for name in COUNTERPARTS}
    relay = {"host": "127.0.0.1", "port": port["relay"], "tls": "none", "bounce_address": BOUNCES}
    smsc = {"host": "127.0.0.1", "port": port["smsc"], "system_id": "pillarbox", "password": "secret"}
    values = {"api": scene.url(f"gateway for {who}"), "token": PASSWORD}
    gateway = {"description": str(scene.path / "gateway.yaml"), "values": values}
    return [
        {"name": "gateway", "kind": "sms_http", "options": gateway},
        {"name": "smsc", "kind": "smpp", "options": smsc | {"response_timeout": PATIENCE}},
        {"name": "relay", "kind": "smtp", "options": relay},
    ]


@contextmanager
def product(scene: Scene) -> Iterator[Product]:
    """The product, up, until the block ends."""
    made = Product(scene)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def _callback(scene: Scene) -> dict[str, str]:
    url = f"{scene.url(f'endpoint for {WORKERS[0]}')}/told"
    return {"type": "delivery_status", "url": url, "bearer_token": "0123456789abcdef"}


def _wait_for(url: str, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
