"""What our Python client costs beside the published one: `python -m bench.client [rounds]`.

Both are installed into environments of their own, with the same releases of requests and PyJWT, and run in turns
against the same loopback server; the published one is the ceiling. Time is processor time of the calling process.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
UV = ROOT / ".venv" / "bin" / "uv"
KEY = "k-fce57985-d0af-4a5b-a70d-fce91c892c49-4bfa8c16-306e-4fb6-8e1b-d224acaa158b"
CALLS = 1000

SERVER = """
import socket, threading
body = b'{"id": "740e5834-3a29-46b4-9a6f-16142fde533a", "notifications": []}'
head = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body)

def whole(connection):
    data = b""
    while b"\\r\\n\\r\\n" not in data:
        got = connection.recv(65536)
        if not got:
            return False
        data += got
    head, _, rest = data.partition(b"\\r\\n\\r\\n")
    lengths = [line for line in head.lower().split(b"\\r\\n") if line.startswith(b"content-length:")]
    missing = (int(lengths[0][15:]) if lengths else 0) - len(rest)
    while missing > 0:
        missing -= len(connection.recv(65536))
    return True

def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while whole(connection):
        connection.sendall(head + body)

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
"""

CALLER = """
import sys, time
from notifications_python_client.notifications import NotificationsAPIClient
client = NotificationsAPIClient(sys.argv[1], base_url=sys.argv[2])
calls = {
    "send": lambda: client.send_sms_notification("07900900123", sys.argv[3], personalisation={"name": "Jo"}),
    "get": lambda: client.get_all_notifications(status="delivered"),
}
call, count = calls[sys.argv[4]], int(sys.argv[5])
for _ in range(50):
    call()
started = time.process_time()
for _ in range(count):
    call()
print((time.process_time() - started) / count * 1e6)
"""

IMPORTER = """
import time
started = time.process_time()
from notifications_python_client.notifications import NotificationsAPIClient
print((time.process_time() - started) * 1e3)
"""


def environment(home: Path, *packages: str) -> Path:
    """Make an environment and give its Python."""
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, home], check=True)
    python = home / "bin" / "python"
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *packages], check=True
    )
    return python


def ask(python: Path, program: str, *arguments: str) -> float:
    """Run a program that prints a number."""
    answer = subprocess.run([python, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return float(answer.stdout)


def compared(name: str, unit: str, rounds: int, pythons: list[Path], program: str, *arguments: str) -> str:
    """Measure both in turns, so that a busy spell hits both alike, and put the medians on a line."""
    spent: list[list[float]] = [[], []]
    for _ in range(rounds):
        for python, times in zip(pythons, spent, strict=True):
            times.append(ask(python, program, *arguments))
    ours, published = map(median, spent)
    figure = {"name": name, "value": round(ours, 1), "unit": unit, "ceiling": round(published, 1)}
    return json.dumps({**figure, "ratio": round(ours / published, 3), "ceiling_is": "published client"})


def versions(python: Path) -> str:
    """Say what an environment is made of."""
    listed = subprocess.run(
        [UV, "pip", "list", "--python", python, "--format", "freeze"],
        capture_output=True,
        text=True,
        check=True,
    )
    return " ".join(line.split(" @ ")[0] for line in listed.stdout.split())


def main() -> None:
    """Set up, measure, print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as folder:
        # A copy, since building leaves files beside the sources.
        source = shutil.copytree(ROOT / "client", Path(folder) / "source")
        ours = environment(Path(folder) / "ours", str(source))
        published = environment(Path(folder) / "published", "notifications-python-client")
        pythons = [ours, published]
        print(f"ours: {versions(ours)}\npublished: {versions(published)}", file=sys.stderr)
        server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{int(server.stdout.readline())}"
            template = "740e5834-3a29-46b4-9a6f-16142fde533a"
            for call in ("send", "get"):
                arguments = (KEY, url, template, call, str(CALLS))
                print(
                    compared(
                        f"client {call}", "us of processor time a call", rounds, pythons, CALLER, *arguments
                    )
                )
            print(compared("client import", "ms of processor time", 3 * rounds, pythons, IMPORTER))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
