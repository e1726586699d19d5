"""A bulk send whose process is killed, or interrupted from the keyboard, goes on without loss or repetition."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.client.test_client_lost_answers import RememberingServer

COUNT = 400
PROGRAM = f"""
import sys
from notifications_python_client import NotificationsAPIClient
client = NotificationsAPIClient(sys.argv[1], base_url=sys.argv[2])
messages = [{{"phone_number": str(number), "template_id": "t"}} for number in range({COUNT})]
outcomes = client.send_many(messages, results=sys.argv[3], rate_limit=6_000_000)
print(len([outcome for outcome in outcomes if outcome.accepted]))
"""


@pytest.fixture
def server():
    with RememberingServer() as server:
        yield server


@pytest.mark.acceptance
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda how: how.name)
def test_an_interrupted_run_goes_on(server, api_key, tmp_path, how):
    command = [sys.executable, "-c", PROGRAM, api_key, server.url, str(tmp_path / "results.jsonl")]
    for sent in (50, 200):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            while len(server.accepted) < sent:
                time.sleep(0.001)
                assert process.poll() is None
            os.kill(process.pid, how)
        assert process.returncode != 0
        assert sent <= len(server.accepted) < COUNT
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    assert int(done.stdout) == COUNT
    assert sorted(server.accepted, key=int) == [str(number) for number in range(COUNT)]
    # The first runs' work was not done again: only what was under way when they died, eight at a time.
    assert len(server.seen) <= COUNT + 2 * 8
