"""`python -m tests.server.api.fuzzing`: schemathesis against a fresh server, for as long as one likes.

Everything it knows of the API it reads from `/openapi.json`; the checks are all that it has.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

from pillarbox.embedded import EmbeddedPostgres
from tests.support.api import api_in_processes, provisioned
from tests.support.factories import MadeService, document
from tests.support.pillarbox import environment
from tests.support.postgres import Databases, public_directory
from tests.support.processes import Program

_CONFIG = Path(__file__).with_name("schemathesis.toml")
_ROOT = Path(__file__).parents[3]


@dataclass
class Findings:
    """What came out: the exit code (0: nothing was found), the report, and how many messages were taken by channel."""

    code: int
    report: str
    accepted: dict[str, int]


def fuzz(databases: Databases, seconds: int) -> Findings:
    """Ask a fresh server for so many seconds."""
    service = MadeService("fuzzed")
    with (
        tempfile.TemporaryDirectory() as folder,
        provisioned(databases, document(service)) as url,
        api_in_processes(url, 1, Path(folder)) as api,
    ):
        command = [Path(sys.executable).with_name("schemathesis"), "--config-file", _CONFIG, "run"]
        options = [f"{api.base}/openapi.json", "--max-time", str(seconds), "--no-color"]
        storage = ["--generation-database", "none"]
        with Program([*command, *options, *storage], _environment(service), cwd=_ROOT) as program:
            code = program.wait(seconds * 2 + 120)
            # What the server logged belongs to the report: a 500 has its traceback there.
            log = [line for line in api.program.output.splitlines() if '"accepted"' not in line]
            return Findings(code, "\n".join([program.output, *log]), _accepted(url))


def _accepted(url: str) -> dict[str, int]:
    """If nothing was accepted, nothing was tested."""
    with psycopg.connect(url) as connection:
        return dict(connection.execute("select channel, count(*) from notification group by 1").fetchall())


def _environment(service: MadeService) -> dict[str, str]:
    templates = ",".join(f"{channel}={template}" for channel, template in service.templates.items())
    more = {
        "TEST_SERVICE_ID": service.id,
        "TEST_SECRET": service.secrets["normal"],
        "TEST_TEMPLATES": templates,
    }
    return environment(**more) | {"PYTHONPATH": str(_ROOT)}


def main() -> int:
    """Run for so many seconds and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.server.api.fuzzing", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    options = parser.parse_args()
    with public_directory() as directory:
        server = EmbeddedPostgres(directory, durable=False)
        try:
            findings = fuzz(Databases(server.start()), options.seconds)
        finally:
            server.stop()
    print(findings.report, f"accepted: {findings.accepted}", sep="\n")
    return findings.code


if __name__ == "__main__":
    sys.exit(main())
