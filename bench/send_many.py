"""`make bench-send-many`: 3,000 texts by our `send_many`, beside one by one with the published client.

Both clients live in environments of their own, with the same releases of what they share, and send in turns to the
same `pillarbox up`, as it starts unless told otherwise; times are wall-clock, connections included. Then a service at
the default rate gets 3,000 texts from a client that knows its rate and from one that does not; it is asked what it has.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from bench.client import ROOT, environment, versions
from bench.figures import figure
from bench.product import DOCUMENT, SMS_TEMPLATE_ID, wait_until_ready

TEXTS = 3000
CONCURRENCY = 32
PORT = 16031
DEFAULT_RATE = 3000

# What every caller begins with. Warming up loads modules and the server's view of the service, as a program
# that runs for a while has them.
COMMON = """
import json, sys, time
from notifications_python_client.notifications import NotificationsAPIClient
key, url, template, count = *sys.argv[1:4], int(sys.argv[4])
values = {"name": "Jo", "thing": "passport", "date": "3 June"}
numbers = [f"07900{n:06}" for n in range(count)]
def many(reference):
    fixed = {"template_id": template, "personalisation": values, "reference": reference}
    return [{"phone_number": number, **fixed} for number in numbers]
client = NotificationsAPIClient(key, base_url=url)
for number in numbers[:20]:
    client.send_sms_notification(number, template, personalisation=values)
spent = time.process_time()
def cpu():
    return (time.process_time() - spent) * 1e6
"""

ONE_BY_ONE = (
    COMMON
    + """
started = time.perf_counter()
for number in numbers:
    client.send_sms_notification(number, template, personalisation=values, reference="r")
print(json.dumps([count / (time.perf_counter() - started), cpu() / count]))
"""
)

SEND_MANY = (
    COMMON
    + """
started = time.perf_counter()
outcomes = client.send_many(many("r"), concurrency=int(sys.argv[5]), rate_limit=None)
seconds = time.perf_counter() - started
assert len({o.id for o in outcomes if o.accepted}) == count
print(json.dumps([count / seconds, cpu() / count]))
"""
)

ASYNC = (
    COMMON
    + """
import asyncio
from notifications_python_client import AsyncNotificationsAPIClient
async def send():
    async with AsyncNotificationsAPIClient(key, url) as client:
        started = time.perf_counter()
        outcomes = await client.send_many(many("r"), concurrency=int(sys.argv[5]), rate_limit=None)
        seconds = time.perf_counter() - started
    assert len({o.id for o in outcomes if o.accepted}) == count
    return [count / seconds, cpu() / count]
print(json.dumps(asyncio.run(send())))
"""
)

# Refusals are counted in the log, where every failed try has a line.
PACED = """
import json, logging, sys, time
from notifications_python_client import NotificationsAPIClient
key, url, template, count, concurrency, rate, reference = sys.argv[1:8]
refusals = []
class Count(logging.Handler):
    def emit(self, record):
        refusals.append(record.args[1])
logger = logging.getLogger("notifications_python_client.base")
logger.addHandler(Count())
logger.propagate = False
values = {"name": "Jo", "thing": "passport", "date": "3 June"}
fixed = {"template_id": template, "personalisation": values, "reference": reference}
messages = [{"phone_number": f"07900{n:06}", **fixed} for n in range(int(count))]
client = NotificationsAPIClient(key, base_url=url, retries=True)
started = time.perf_counter()
outcomes = client.send_many(messages, concurrency=int(concurrency), rate_limit=json.loads(rate))
seconds = time.perf_counter() - started
time.sleep(1)
found = [n["id"] for n in client.get_all_notifications_iterator(reference=reference)]
print(json.dumps({
    "accepted": len({o.id for o in outcomes if o.accepted}),
    "found": len(found),
    "different": len(set(found)),
    "same": sorted(found) == sorted(o.id for o in outcomes if o.accepted),
    "refusals": sum(status == 429 for status in refusals),
    "other_failures": sum(status != 429 for status in refusals),
    "seconds": seconds,
}))
"""


def services() -> dict[str, Any]:
    """The benchmarks' service without limits, and its twins at the default rate, one for each paced run."""
    text = json.dumps(DOCUMENT)
    found = json.loads(text)["services"]
    for number in (1, 2):
        (twin,) = json.loads(text.replace("be7c", f"be7{number}").replace('"ref": "', f'"ref": "{number}'))[
            "services"
        ]
        found.append({**twin, "name": f"Bench Service {number}", "rate_limit": DEFAULT_RATE})
    return {"services": found}


def key_of(service: dict[str, Any]) -> str:
    """The key as a client takes it."""
    return f"live-{service['id']}-{service['api_keys'][0]['secret']}"


@contextmanager
def product(document: dict[str, Any], folder: Path, api_processes: str) -> Iterator[str]:
    """A whole Pillarbox with so many API processes; its URL."""
    file = folder / "services.yaml"
    file.write_text(yaml.safe_dump(document))
    options = [
        "--data",
        str(folder / "data"),
        "--port",
        str(PORT),
        "--workers",
        api_processes,
        "--no-demo",
        "--provision",
        str(file),
    ]
    with (folder / "log").open("wb") as log:  # a line for each message, as it is set when nobody sets it
        process = subprocess.Popen(
            [sys.executable, "-m", "pillarbox", "up", *options], stdout=subprocess.DEVNULL, stderr=log
        )
    try:
        wait_until_ready(PORT, process)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        process.terminate()
        process.wait(40)


def ask(python: Path, program: str, *arguments: str) -> Any:
    """Run a program that prints one line of JSON."""
    answer = subprocess.run([python, "-c", program, *arguments], capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(answer.stderr)
    return json.loads(answer.stdout)


def side_by_side(pythons: dict[str, Path], url: str, key: str, texts: int, rounds: int) -> None:
    """The same texts by each client in turns, so that a busy spell hits all alike; medians."""
    programs = {
        "published one by one": (pythons["published"], ONE_BY_ONE),
        "ours one by one": (pythons["ours"], ONE_BY_ONE),
        "send_many": (pythons["ours"], SEND_MANY),
        "async send_many": (pythons["ours"], ASYNC),
    }
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for number in range(rounds):
        for name, (python, program) in programs.items():
            arguments = (key, url, str(SMS_TEMPLATE_ID), str(texts), str(CONCURRENCY))
            seen[name].append(ask(python, program, *arguments))
        rates = ", ".join(f"{name} {times[-1][0]:,.0f}/s" for name, times in seen.items())
        print(f"round {number + 1}, load {os.getloadavg()[0]:.1f}: {rates}", flush=True)
    rate = {name: median(rate for rate, _ in times) for name, times in seen.items()}
    cost = {name: median(cost for _, cost in times) for name, times in seen.items()}
    for name in ("send_many", "async send_many"):
        each = [
            ours[0] / base[0] for ours, base in zip(seen[name], seen["published one by one"], strict=True)
        ]
        figure(f"{name.replace(' ', '_')}_{CONCURRENCY}", rate[name], "texts/s")
        figure(
            f"{name.replace(' ', '_')}_{CONCURRENCY}_times_published_one_by_one",
            median(each),
            "times as fast",
        )
    figure("published_one_by_one", rate["published one by one"], "texts/s")
    figure("ours_one_by_one", rate["ours one by one"], "texts/s", rate["published one by one"])
    for name, spent in cost.items():
        figure(f"processor_time_{name.replace(' ', '_')}", spent, "us a text", cost["published one by one"])


def paced(python: Path, url: str, service: dict[str, Any], rate: int | None) -> None:
    """Texts to a service at the default rate; the server says what became of them."""
    template = service["templates"][0]["id"]
    name = f"rate_{rate or 'not_known'}"
    arguments = (key_of(service), url, template, str(TEXTS), str(CONCURRENCY), json.dumps(rate), name)
    seen = ask(python, PACED, *arguments)
    print(f"{name}: {json.dumps(seen)}", flush=True)
    if not (seen["accepted"] == seen["found"] == seen["different"] == TEXTS and seen["same"]):
        raise SystemExit("texts were lost, or sent twice")
    figure(f"{name}_messages", seen["found"], "messages", TEXTS)
    figure(f"{name}_refusals", seen["refusals"], "answers with 429")
    figure(f"{name}_rate", TEXTS / seen["seconds"] * 60, "texts a minute", DEFAULT_RATE)


def main() -> None:
    """Set up, measure, print: `python -m bench.send_many [rounds [texts [API processes]]]`."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    texts = int(sys.argv[2]) if len(sys.argv) > 2 else TEXTS
    with tempfile.TemporaryDirectory(prefix="pillarbox-bench-") as name:
        folder = Path(name)
        # The embedded database runs as another user when we are root.
        folder.chmod(0o755)
        # A copy, since building leaves files beside the sources.
        source = shutil.copytree(ROOT / "client", folder / "source")
        pythons = {
            "ours": environment(folder / "ours", f"{source}[async]"),
            "published": environment(folder / "published", "notifications-python-client"),
        }
        for whose, python in pythons.items():
            print(f"{whose}: {versions(python)}", file=sys.stderr)
        print(f"{os.cpu_count()} cores, shared by client, API, worker and PostgreSQL; {texts} texts a run")
        document = services()
        unlimited, known, unknown = document["services"]
        with product(document, folder, sys.argv[3] if len(sys.argv) > 3 else "1") as url:
            side_by_side(pythons, url, key_of(unlimited), texts, rounds)
            paced(pythons["ours"], url, unknown, None)
            paced(pythons["ours"], url, known, DEFAULT_RATE)


if __name__ == "__main__":
    main()
