"""A fresh Pillarbox of our own to run cases against, started as its users start it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contract.fixture import Fixture
from tests.contract.variables import Variables
from tests.support.pillarbox import COMMAND, environment
from tests.support.processes import Program

# One takes everything and never reports back, as the cases want it; receipts and texts come from two that nothing is
# sent through, since nobody listens there.
_PROVIDERS = """
providers:
  - name: silent
    kind: sandbox
    options: {reports: never}
  - name: mmg
    kind: sms_http
    weight: 0
    options:
      description: mmg
      values:
        api: http://127.0.0.1:9
        username: nobody
        password: nothing
        received_username: username
        received_password: testkey
  - name: firetext
    kind: sms_http
    weight: 0
    options:
      description: firetext
      values: {api: "http://127.0.0.1:9", api_key: nobody, received_password: testkey}
"""
_START_SECONDS = 120
_STOP_SECONDS = 40


@contextmanager
def running_server(
    fixture: Fixture, variables: Variables, port: int, *, workers: int | None = None, reports: str = "never"
) -> Iterator[Program]:
    """Start a server on an empty database of its own, seeded, and stop it in the end.

    Args:
        fixture: what to provision.
        variables: their values go into the fixture and into the server's settings.
        port: where it listens, on loopback.
        workers: how many API processes; its own default if None.
        reports: what its sandbox reports of messages: `never` anything, or `delivered`.

    Raises:
        AssertionError: it did not become ready in time; the message holds its log.
    """
    with tempfile.TemporaryDirectory(prefix="pillarbox-conformance-") as name:
        folder = Path(name)
        # The database may run as another user, who has to get into the folder.
        folder.chmod(0o755)
        fixture.write_filled(folder / "fixture.json", variables)
        (folder / "providers.yaml").write_text(
            _PROVIDERS.replace("reports: never", f"reports: {reports}"), encoding="utf-8"
        )
        settings = _settings(variables) | {"PILLARBOX_PROVIDERS_FILE": str(folder / "providers.yaml")}
        with Program(_command(folder, port, workers), environment(**settings)) as program:
            program.wait_for("^ready ", _START_SECONDS)
            yield program
            program.terminate()
            program.wait(_STOP_SECONDS)


def _command(folder: Path, port: int, workers: int | None) -> list[str | Path]:
    seeded: list[str | Path] = ["--no-demo", "--provision", folder / "fixture.json"]
    command = [COMMAND, "up", "--data", folder / "data", "--port", str(port), *seeded]
    return command if workers is None else [*command, "--workers", str(workers)]


def _settings(variables: Variables) -> dict[str, str]:
    return {
        "PILLARBOX_API_URL": variables.value("API"),
        "PILLARBOX_ADMIN_URL": variables.value("ADMIN"),
        "PILLARBOX_DOCS_URL": variables.value("DOCS_FRONTEND"),
        "PILLARBOX_EMAIL_DOMAIN": variables.value("EMAIL_DOMAIN"),
        # The sink for callbacks is on loopback, where strangers' callbacks must not go.
        "PILLARBOX_PRIVATE_CALLBACKS": "allow",
    }
