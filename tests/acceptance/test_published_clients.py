"""The clients that people have in their programs already send and read everything with us: `make published-clients`.

They are installed from their registries, so this is no part of `make test`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.fixture import Fixture
from tests.contract.server import running_server
from tests.contract.variables import Variables
from tests.support.pillarbox import environment
from tests.support.ports import free_port

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(
        os.environ.get("PUBLISHED_CLIENTS") != "1", reason="needs the registries: make published-clients"
    ),
]

PROGRAMS = Path(__file__).parents[1] / "support" / "published"
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def base():
    """A seeded server; the data are those of the API's cases."""
    fixture, port = Fixture(), free_port()
    base = f"http://127.0.0.1:{port}"
    where = {"API": base, "DOCS_API": base, "DOCS_FRONTEND": base}
    with running_server(fixture, Variables(fixture.defaults | where), port, reports="delivered"):
        yield base


def run(*command, cwd):
    """Run a program, show what it says and give its exit code."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stdout)
    return done.returncode


def test_the_published_python_client_does_everything(base, tmp_path):
    assert run(UV, "venv", "--quiet", "--python", sys.executable, "own", cwd=tmp_path) == 0
    python = tmp_path / "own" / "bin" / "python"
    install = (UV, "pip", "install", "--quiet", "--python", python, "notifications-python-client")
    assert run(*install, cwd=tmp_path) == 0
    assert run(python, PROGRAMS / "python_client.py", base, cwd=tmp_path) == 0


@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm")
def test_the_published_node_client_does_everything(base, tmp_path):
    install = ("npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund")
    assert run(*install, "notifications-node-client", cwd=tmp_path) == 0
    shutil.copy(PROGRAMS / "node_client.cjs", tmp_path)
    assert run("node", "node_client.cjs", base, cwd=tmp_path) == 0
