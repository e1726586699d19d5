"""A database and API processes to measure against, on this machine, torn down afterwards."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import jwt
import yaml

from pillarbox.embedded import EmbeddedPostgres

SERVICE_ID = UUID("be7c0000-0000-4000-8000-000000000001")
SMS_TEMPLATE_ID = UUID("be7c0000-0000-4000-8000-000000000011")
EMAIL_TEMPLATE_ID = UUID("be7c0000-0000-4000-8000-000000000012")
KEY_ID = UUID("be7c0000-0000-4000-8000-000000000021")
SECRET = "be7c0000-0000-4000-8000-0000000000ff"
MANY = 2_000_000_000

DOCUMENT = {
    "services": [
        {
            "ref": "bench",
            "id": str(SERVICE_ID),
            "name": "Bench Service",
            "email_sender_local_part": "bench.service",
            "restricted": False,
            "permissions": ["sms", "email"],
            "rate_limit": MANY,
            "daily_limits": {"sms": MANY, "email": MANY, "letter": MANY, "international_sms": MANY},
            "sms_senders": [
                {
                    "ref": "s",
                    "id": "be7c0000-0000-4000-8000-000000000031",
                    "sms_sender": "BENCH",
                    "is_default": True,
                }
            ],
            "api_keys": [
                {"ref": "k", "id": str(KEY_ID), "name": "live", "key_type": "normal", "secret": SECRET}
            ],
            "templates": [
                {
                    "ref": "t",
                    "id": str(SMS_TEMPLATE_ID),
                    "type": "sms",
                    "name": "text",
                    "versions": [
                        {
                            "version": 1,
                            "name": "text",
                            "content": "Hello ((name)), your ((thing)) is ready on ((date)).",
                        }
                    ],
                },
                {
                    "ref": "e",
                    "id": str(EMAIL_TEMPLATE_ID),
                    "type": "email",
                    "name": "email",
                    "versions": [
                        {
                            "version": 1,
                            "name": "email",
                            "subject": "Your ((thing))",
                            "content": "Hello ((name))\n\n* one\n* two",
                        }
                    ],
                },
            ],
        }
    ]
}


def token() -> str:
    """A token that is good for the next seconds."""
    return jwt.encode({"iss": str(SERVICE_ID), "iat": int(time.time())}, SECRET, "HS256")


@contextmanager
def database() -> Iterator[tuple[str, Path]]:
    """A durable embedded PostgreSQL with the schema and one service; its URL and the data directory."""
    with tempfile.TemporaryDirectory(prefix="pillarbox-bench-") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "postgres") as server:
            url = server.start()
            environment = _environment(url, folder)
            file = Path(folder) / "service.yaml"
            file.write_text(yaml.safe_dump(DOCUMENT))
            for command in (["migrate"], ["provision", str(file)]):
                subprocess.run(
                    [sys.executable, "-m", "pillarbox", *command],
                    env=environment,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            yield url, Path(folder)


@contextmanager
def running(command: list[str], url: str, folder: Path, port: int | None = None) -> Iterator[None]:
    """A process, from when it answers on its port until the context ends."""
    process = subprocess.Popen([sys.executable, "-m", *command], env=_environment(url, str(folder)))
    try:
        if port is not None:
            wait_until_ready(port, process)
        yield
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once the process answers on its port."""
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("the process to measure died")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_status?simple=1", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the process to measure did not become ready")


def _environment(url: str, folder: str) -> Mapping[str, str]:
    return os.environ | {"DATABASE_URL": url, "PILLARBOX_DATA": folder, "PILLARBOX_LOG_LEVEL": "error"}
