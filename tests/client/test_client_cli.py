"""The command line, against a stub server."""

import json
import os
import socket
import subprocess
import sys

import pytest

testing = pytest.importorskip("click.testing")
keyring = pytest.importorskip("keyring")
commands = pytest.importorskip("notifications_python_client.cli.commands")

TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
SENT = {"status": 201, "json": {"id": "1", "reference": None, "content": {"body": "Hi Jo"}}}
NOTIFICATION = {
    "id": "1",
    "type": "sms",
    "status": "delivered",
    "phone_number": "07900900123",
    "email_address": None,
    "line_1": None,
    "reference": None,
    "body": "Hi\nJo",
}


class MemoryKeyring(keyring.backend.KeyringBackend):
    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


class NoKeyring(MemoryKeyring):
    def get_password(self, service, username):
        raise keyring.errors.NoKeyringError


@pytest.fixture(autouse=True)
def own_keyring():
    before = keyring.get_keyring()
    own = MemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def command(stub, api_key):
    def run(*arguments, env=None, **options):
        env = {"NOTIFY_API_KEY": api_key, "NOTIFY_BASE_URL": stub.url, **(env or {})}
        return testing.CliRunner().invoke(commands.notify, list(arguments), env=env, **options)

    return run


@pytest.mark.parametrize(
    ("arguments", "path", "body"),
    [
        (["sms", "--to", "07900900123"], "sms", {"phone_number": "07900900123"}),
        (["email", "--to", "a@b.uk"], "email", {"email_address": "a@b.uk"}),
        (["letter"], "letter", {}),
    ],
)
def test_send_sends(stub, command, arguments, path, body):
    stub.answers.append(SENT)
    values = ["--template", TEMPLATE, "--value", "name=Jo = J", "--reference", "r"]
    result = command("send", *arguments, *values)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[0] == "id       1"
    assert stub.seen[0].path == f"/v2/notifications/{path}"
    assert stub.seen[0].json == {
        "template_id": TEMPLATE,
        "personalisation": {"name": "Jo = J"},
        "reference": "r",
        **body,
    }


def test_a_pdf_is_sent_and_fetched(stub, command, tmp_path):
    file = tmp_path / "letter.pdf"
    file.write_bytes(b"%PDF")
    stub.answers += [SENT, {"status": 200, "body_base64": "JVBERg=="}]
    assert command("send", "pdf", str(file), "--reference", "r", "--postage", "first").exit_code == 0
    assert stub.seen[0].json == {"reference": "r", "content": "JVBERg==", "postage": "first"}
    fetched = tmp_path / "fetched.pdf"
    assert command("pdf", "1", "-o", str(fetched)).exit_code == 0
    assert fetched.read_bytes() == b"%PDF"


def test_status_waits_if_asked_to(stub, command):
    sending = {**NOTIFICATION, "status": "sending"}
    stub.answers += [{"status": 200, "json": item} for item in (sending, NOTIFICATION)]
    result = command("status", "1", "--wait", "5")
    assert result.exit_code == 0
    assert "status        delivered" in result.output


def test_tables_have_a_line_for_each(stub, command):
    page = {"notifications": [NOTIFICATION], "links": {"current": "x"}}
    stub.answers.append({"status": 200, "json": page})
    result = command("list", "--status", "delivered", "--status", "sending", "--type", "sms")
    assert result.output.splitlines() == [
        "id  type  status     recipient    reference  created at",
        "1   sms   delivered  07900900123",
    ]
    assert stub.seen[0].query == [("status", "delivered"), ("status", "sending"), ("template_type", "sms")]


@pytest.mark.parametrize(
    ("arguments", "answer", "shown"),
    [
        (["templates"], {"templates": [{"id": "1", "name": "n"}]}, [{"id": "1", "name": "n"}]),
        (
            ["received"],
            {"received_text_messages": [{"id": "1"}], "links": {"current": ""}},
            [{"id": "1"}],
        ),
        (["preview", "1", "--value", "a=b"], {"id": "1", "html": "<p>"}, {"id": "1", "html": "<p>"}),
        (["status", "1"], NOTIFICATION, NOTIFICATION),
    ],
)
def test_json_is_for_programs(stub, command, arguments, answer, shown):
    stub.answers.append({"status": 200, "json": answer})
    result = command("--json", *arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == shown


def test_json_may_stand_last(stub, command):
    stub.answers.append({"status": 200, "json": NOTIFICATION})
    assert json.loads(command("status", "1", "--json").output) == NOTIFICATION


def test_html_is_not_for_terminals(stub, command):
    stub.answers.append({"status": 200, "json": {"subject": "s", "body": "b", "html": "<p>"}})
    assert command("preview", "1").output == "subject  s\nbody     b\n"


def test_an_error_is_a_line_for_each_mistake(stub, command):
    mistakes = [{"error": "ValidationError", "message": m} for m in ("a", "b")]
    stub.answers.append({"status": 400, "json": {"errors": mistakes}})
    result = command("send", "letter", "--template", "x")
    assert result.exit_code == 1
    assert "400 ValidationError: a\n400 ValidationError: b" in result.output
    assert "Traceback" not in result.output


def test_a_server_that_is_not_there_is_named_with_the_reason(command):
    url = f"http://127.0.0.1:{closed_port()}"
    result = command("--base-url", url, "send", "sms", "--to", "07900900123", "--template", TEMPLATE)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: No answer from {url}: [Errno ")


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("url", ["127.0.0.1:6011", "localhost", "ftp://x.yz"])
def test_an_address_without_its_scheme_is_refused(command, url):
    result = command("--base-url", url, "templates")
    assert result.exit_code == 2
    assert f"“{url}” does not start with http:// or https://" in result.output


@pytest.mark.parametrize("key", ["x", "4bfa8c16-306e-4fb6-8e1b-d224acaa158b"])
def test_a_key_that_is_cut_short_is_refused(command, key):
    result = command("templates", env={"NOTIFY_API_KEY": key})
    assert (result.exit_code, key in result.output) == (2, False)
    assert "The API key is cut short" in result.output


def test_a_value_needs_a_name(command):
    result = command("send", "letter", "--template", "x", "--value", "Jo")
    assert result.exit_code == 2
    assert "“Jo” is not NAME=VALUE" in result.output


def test_the_key_is_kept_in_the_keyring(stub, command, api_key, own_keyring):
    none = {"NOTIFY_API_KEY": ""}
    assert "There is no API key" in command("templates", env=none).output
    assert command("--profile", "p", "key", "set", input=f"{api_key}\n", env=none).exit_code == 0
    assert own_keyring.kept == {("notify", "p"): api_key}
    stub.answers.append({"status": 200, "json": {"templates": []}})
    assert command("--profile", "p", "templates", env=none).exit_code == 0
    assert command("--profile", "p", "key", "forget", env=none).exit_code == 0
    assert own_keyring.kept == {}


def test_a_machine_without_keyring_is_asked_for_the_variable(command):
    keyring.set_keyring(NoKeyring())
    result = command("templates", env={"NOTIFY_API_KEY": ""})
    assert result.exit_code == 2
    assert "set NOTIFY_API_KEY" in result.output


def test_no_option_takes_a_key(command):
    assert "No such option" in command("--api-key", "x", "templates").output


@pytest.fixture
def recipients(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(
        "Phone Number,name,Ref\n07900900001,Jo,r1\n,,\n07900900002,“Al”,r2\n5,Bo,r3\n", encoding="utf-8-sig"
    )
    return file


def test_send_many_sends_a_message_for_each_row_and_goes_on(stub, command, recipients):
    kind = {"status": 200, "json": {"type": "sms"}}
    bad = {"status": 400, "json": {"errors": [{"error": "ValidationError", "message": "bad number"}]}}
    stub.answers += [kind, SENT, SENT, bad]
    options = ["--template", TEMPLATE, "--reference-column", "ref", "--concurrency", "1"]
    result = command("send-many", str(recipients), *options)
    assert result.exit_code == 1
    assert result.output.splitlines() == ["2 accepted, 1 refused", "row  reason", "5    bad number"]
    assert stub.seen[2].json == {
        "phone_number": "07900900002",
        "template_id": TEMPLATE,
        "personalisation": {"name": "“Al”"},
        "reference": "r2",
    }
    stub.answers.append(kind)
    again = command("--json", "send-many", str(recipients), *options)
    assert json.loads(again.output) == {"accepted": 2, "refused": [{"row": 5, "reason": "bad number"}]}
    assert len(stub.seen) == 5
    stub.answers.append(kind)
    third = command("send-many", str(recipients), *options)
    assert third.output.startswith("2 accepted, 1 refused, 3 of them in an earlier run\n")


def test_send_many_says_when_it_was_stopped(stub, command, recipients):
    limit = {"error": "TooManyRequestsError", "message": "Exceeded send limits (sms: 1) for today"}
    stub.answers += [
        {"status": 200, "json": {"type": "sms"}},
        SENT,
        {"status": 429, "json": {"errors": [limit]}},
    ]
    result = command("send-many", str(recipients), "--template", TEMPLATE, "--concurrency", "1")
    assert result.exit_code == 3
    assert "Stopped: 429 TooManyRequestsError: Exceeded send limits" in result.output


def test_send_many_knows_letters_by_their_address(stub, command, tmp_path):
    file = tmp_path / "letters.csv"
    file.write_text("Address Line 1,address_line_2,POSTCODE,name\na,b,SW1A 1AA,Jo\n")
    stub.answers += [{"status": 200, "json": {"type": "letter"}}, SENT]
    assert command("send-many", str(file), "--template", TEMPLATE).exit_code == 0
    assert stub.seen[1].json["personalisation"] == {
        "address_line_1": "a",
        "address_line_2": "b",
        "postcode": "SW1A 1AA",
        "name": "Jo",
    }


def test_send_many_misses_a_column(stub, command, recipients):
    stub.answers.append({"status": 200, "json": {"type": "email"}})
    result = command("send-many", str(recipients), "--template", TEMPLATE)
    assert result.exit_code == 1
    assert "no column “email address”" in result.output


def test_an_error_is_said_once(stub, api_key):
    stub.answers.append({"status": 400, "json": {"message": "bad id"}})
    program = "from notifications_python_client.cli import main; main()"
    env = {**os.environ, "NOTIFY_API_KEY": api_key, "NOTIFY_BASE_URL": stub.url}
    command = [sys.executable, "-c", program, "status", "x"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Error: 400 BadRequestError: bad id\n")
