"""Every example of the client's pages is run, against the fake or, where it says so, a real Pillarbox."""

import asyncio
import inspect
import json
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import notifications_python_client
from notifications_python_client import NotificationsAPIClient
from notifications_python_client.testing import sandbox
from tests.client import own_loop

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *sorted((DOCS / "how-to").glob("client-*.md")),
    DOCS / "reference" / "client.md",
    ROOT / "client" / "README.md",
]
TOKEN = "the token set with the URL"
EVENT = {"id": "1", "status": "delivered", "notification_type": "sms"}
RECEIVER_CHECKS = """
good = {"authorization": f"Bearer {TOKEN}"}
assert post(good, EVENT) == 204
assert statuses == {"1": "delivered"}
assert post({}, EVENT) == 401
assert post(good, {"other": 1}) == 400
"""
CALL_DJANGO = """
import django
from django.conf import settings
from django.test import Client
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x")
django.setup()
urlpatterns = [path("callbacks", receive)]


def post(headers, event):
    extra = {"HTTP_" + name.upper(): value for name, value in headers.items()}
    return Client().post("/callbacks", json.dumps(event), content_type="application/json", **extra).status_code
"""
CALL_STARLETTE = """
import asyncio


def post(headers, event):
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/callbacks", "headers": pairs, "query_string": b""}
    sent = []

    async def receive():
        return {"type": "http.request", "body": json.dumps(event).encode(), "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent[0]["status"]
"""


def blocks(page, language):
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def pages_with(language):
    return [pytest.param(page, id=page.name) for page in PAGES if blocks(page, language)]


@pytest.fixture
def world(notify_fake, tmp_path, monkeypatch):
    """What the examples take for granted: a key, templates, files, a callback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(asyncio, "run", own_loop.run)
    Path("report.csv").write_text("a,b\n")
    Path("letter.pdf").write_bytes(b"%PDF")
    Path("people.csv").write_text("phone number,name,code,ref\n07900900123,Jo,1,r1\n07900900124,Al,2,r2\n")
    pdf_client = NotificationsAPIClient(notify_fake.api_key)
    with Path("letter.pdf").open("rb") as file:
        letter = pdf_client.send_precompiled_letter_notification("r", file)
    sms = notify_fake.add_template("sms", "Hello ((name)), your code is ((code))")
    monkeypatch.setenv("NOTIFY_API_KEY", notify_fake.api_key)
    monkeypatch.setenv("TEMPLATE_ID", sms)
    return {
        "api_key": notify_fake.api_key,
        "template_id": notify_fake.add_template("sms", "Hello ((name))"),
        "sms_template": sms,
        "email_template": notify_fake.add_template("email", "Hello ((name)): ((file))", "A file"),
        "letter_template": notify_fake.add_template("letter", "Dear ((name))", "A letter"),
        "letter_id": letter["id"],
        "request_headers": {"Authorization": f"Bearer {TOKEN}"},
        "request_body": json.dumps(EVENT).encode(),
    }


@pytest.mark.parametrize("page", pages_with("python"))
def test_the_python_examples_run(page, world):
    if "Async" in page.read_text(encoding="utf-8") and "async" in page.name:
        pytest.importorskip("aiohttp")
    for source in blocks(page, "python"):
        exec(compile(source, str(page), "exec"), world)


def test_the_program_says_who_was_not_reached(world, notify_fake, capsys):
    Path("people.csv").write_text("phone number,name,code,ref\n07900900123,Jo,1,r1\n5,Al,2,r2\n")
    (source,) = blocks(DOCS / "how-to" / "client-script.md", "python")
    exec(compile(source, "client-script.md", "exec"), world)
    assert capsys.readouterr().out == "1 of 2 delivered\n"
    rows = Path("not-reached.csv").read_text().splitlines()
    assert rows == ["ref,why", "r2,phone_number Not enough digits"]


@pytest.mark.parametrize("page", pages_with("console"))
def test_the_commands_run(page, world, notify_fake):
    testing = pytest.importorskip("click.testing")
    commands = pytest.importorskip("notifications_python_client.cli.commands")
    variables = {"SMS_TEMPLATE": world["sms_template"], "LETTER": world["letter_id"]}
    for line in "".join(blocks(page, "console")).splitlines():
        variables["NOTIFICATION"] = notify_fake.messages[-1]["id"]
        words = shlex.split(re.sub(r"\$([A-Z_]+)", lambda m: variables[m.group(1)], line[2:]))
        env = {"NOTIFY_API_KEY": world["api_key"]}
        result = testing.CliRunner().invoke(commands.notify, words[1:], env=env)
        assert (words[0], result.exit_code) == ("notify", 0), result.output


def run_pytest(folder, source):
    file = folder / "test_example.py"
    file.write_text(source)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
        str(file),
    ]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


@pytest.mark.parametrize("page", pages_with("pytest"))
def test_the_tests_pass(page, tmp_path):
    done = run_pytest(tmp_path, "".join(blocks(page, "pytest")))
    assert done.returncode == 0, done.stdout


@pytest.mark.acceptance
@pytest.mark.skipif(sandbox.installed() is None, reason="needs the pillarbox command")
@pytest.mark.parametrize("page", pages_with("pytest-sandbox"))
def test_the_tests_with_a_real_pillarbox_pass(page, tmp_path):
    source = "".join(blocks(page, "pytest-sandbox"))
    done = run_pytest(tmp_path, source)
    assert done.returncode == 0, done.stdout
    assert f"{source.count('def test_')} passed" in done.stdout


@pytest.mark.parametrize(("framework", "calling"), [("django", CALL_DJANGO), ("starlette", CALL_STARLETTE)])
def test_the_receivers_receive(framework, calling, tmp_path):
    pytest.importorskip(framework)
    (source,) = blocks(DOCS / "how-to" / "client-callbacks.md", framework)
    file = tmp_path / "receiver.py"
    file.write_text(f"import json\nEVENT = {EVENT}\n{source}\n{textwrap.dedent(calling)}\n{RECEIVER_CHECKS}")
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_reference_names_every_method_and_its_arguments():
    text = (DOCS / "reference" / "client.md").read_text(encoding="utf-8")
    for name, method in vars(NotificationsAPIClient).items():
        if not name.startswith("_"):
            (written,) = re.findall(rf"`{name}\((.*?)\)`", text)
            named = [part.split("=")[0].strip() for part in written.split(",")]
            arguments = [
                a for a in inspect.signature(method).parameters if a not in {"self", "idempotency_key"}
            ]
            assert [a for a in named if a != "*"] == arguments, name


def test_the_reference_names_every_error():
    from notifications_python_client import errors

    text = (DOCS / "reference" / "client.md").read_text(encoding="utf-8")
    kinds = [n for n, v in vars(errors).items() if isinstance(v, type) and issubclass(v, Exception)]
    assert [kind for kind in kinds if kind not in text] == []


def test_the_reference_names_everything_exported():
    text = (DOCS / "reference" / "client.md").read_text(encoding="utf-8")
    assert [name for name in notifications_python_client.__all__ if f"`{name}" not in text] == []
