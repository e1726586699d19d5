"""The sandbox's parts: reading what `pillarbox up` says, and looking into the inbox; the whole in acceptance."""

import io
import stat
import sys
from datetime import datetime, timezone

import pytest

from notifications_python_client.testing import sandbox
from notifications_python_client.testing.inbox import Inbox, as_delivered, over_http

KEY = "demo-fce57985-d0af-4a5b-a70d-fce91c892c49-4bfa8c16-306e-4fb6-8e1b-d224acaa158b"
WELCOME = f"""\
making things ready
ready http://127.0.0.1:6011

  API    http://127.0.0.1:6011

  Keys of the demo service:
    test  {KEY}
    live  {KEY}

  Ctrl-C stops everything.
"""


def caught(body, to="07900900123", subject=None):
    return {
        "id": "1",
        "channel": "sms",
        "to": to,
        "subject": subject,
        "body": body,
        "reference": None,
        "created_at": "2026-11-22T03:00:00Z",
    }


def test_the_welcome_is_read_once_it_is_whole():
    assert sandbox.read_welcome(io.StringIO(WELCOME[:200])) is None
    server = sandbox.read_welcome(io.StringIO(WELCOME))
    assert (server.base_url, server.keys) == ("http://127.0.0.1:6011", {"test": KEY, "live": KEY})


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Put a program of our own where `pillarbox` would be."""

    def install(lines):
        program = tmp_path / "bin" / "pillarbox"
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable}\nimport sys, time\n{lines}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(sys, "executable", str(program.parent / "python"))

    return install


def test_a_pillarbox_is_started_and_stopped(command, tmp_path):
    note = f"open({str(tmp_path / 'args')!r}, 'w').write(' '.join(sys.argv[1:]))"
    command(f"{note}\nprint({WELCOME!r}, flush=True)\ntime.sleep(60)")
    process = sandbox.PillarboxProcess(tmp_path / "data", "services.json")
    with process as server:
        assert server.keys["live"] == KEY
    assert process._process.poll() is not None
    arguments = (tmp_path / "args").read_text().split()
    assert arguments[:3] == ["up", "--data", str(tmp_path / "data")]
    assert arguments[5:] == ["--provision", "services.json"]


def test_a_pillarbox_that_does_not_start_says_why(command, tmp_path):
    command("sys.exit('Port 6011 is not free')")
    process = sandbox.PillarboxProcess(tmp_path / "data")
    with pytest.raises(sandbox.SandboxError, match="Port 6011 is not free"):
        process.__enter__()


def test_without_pillarbox_the_message_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert sandbox.installed() is None
    with pytest.raises(sandbox.SandboxError, match="is not installed"):
        sandbox.PillarboxProcess(tmp_path / "data").__enter__()


def test_expectations_wait_until_the_message_is_there(stub):
    stub.answers += [
        {"status": 200, "json": {"messages": found}}
        for found in ([], [caught("other")], [caught("the code is 1"), caught("other")])
    ]
    since = datetime(2026, 11, 22, tzinfo=timezone.utc)
    inbox = Inbox(over_http(stub.url, "token"), since)
    assert inbox.expect(to="07900900123", contains="code", within=5, channel="sms")["body"] == "the code is 1"
    query = dict(stub.seen[0].query)
    assert 4.5 < float(query.pop("wait")) <= 5
    assert query == {"to": "447900900123", "channel": "sms", "since": since.isoformat()}
    assert stub.seen[0].headers["Authorization"] == "Bearer token"


def test_an_expectation_that_is_missed_shows_what_came():
    inbox = Inbox(lambda query: [caught("other", subject="About you")])
    with pytest.raises(AssertionError) as raised:
        inbox.expect(to="07900900123", contains="code", within=0)
    assert str(raised.value) == (
        "No message to 07900900123 with “code” within 0 s; there are 1:\n"
        "  sms to 07900900123: About you other"
    )


def test_nothing_can_be_expected_too():
    Inbox(lambda query: []).expect_nothing(to="07900900123", within=0)
    with pytest.raises(AssertionError, match="this did:\n  sms to 07900900123:  hello"):
        Inbox(lambda query: [caught("hello")]).expect_nothing(within=0)


def test_a_template_is_found_by_its_name(notify_fake):
    template = notify_fake.add_template("sms", "Hello", name="greeting")
    box = sandbox.Sandbox(sandbox.Server("http://fake", {"test": notify_fake.api_key}))
    assert box.template("greeting")["id"] == template
    with pytest.raises(LookupError, match="there are: greeting"):
        box.template("other")
    box.close()


@pytest.mark.parametrize(
    ("given", "delivered"),
    [
        ("07900 900123", "447900900123"),
        ("+33 6 12", "33612"),
        ("0033612", "33612"),
        (" a@b.uk ", "a@b.uk"),
        ("1 High Street", "1 High Street"),
    ],
)
def test_numbers_are_looked_for_as_the_inbox_writes_them(given, delivered):
    assert as_delivered(given) == delivered
