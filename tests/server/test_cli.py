"""`pillarbox`: exit codes that scripts can rely on, and help that the reference repeats."""

import base64
import json
import re
import socket
import subprocess
from pathlib import Path

import click
import pytest

from pillarbox.cli import main
from pillarbox.store.sealing import Seal
from tests.support.console import connected, migrate
from tests.support.pillarbox import COMMAND, environment
from tests.support.ports import free_port

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
NOBODY = "postgresql://127.0.0.1:1/nobody"


def pillarbox(*arguments, cwd=None, **settings):
    """Run the command and wait for its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        env=environment(**settings) | {"COLUMNS": "80"},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def database(databases):
    with databases.fresh(databases.template("migrated", migrate)) as url:
        yield url


def test_a_database_without_tables_is_said_so(empty_database, tmp_path):
    ended = pillarbox("provision", service_file(tmp_path), cwd=tmp_path, DATABASE_URL=empty_database)
    assert ended.returncode == 5
    assert "run `pillarbox migrate`" in ended.stderr


def test_tidying_up_says_what_there_was_to_do(database, tmp_path):
    dry = pillarbox("tidy", "--dry-run", cwd=tmp_path, DATABASE_URL=database)
    assert dry.returncode == 0, dry.stderr
    assert dry.stdout.splitlines() == ["given up: 0", "queued again: 0", "days: 0", "messages: 0"]
    done = pillarbox("tidy", cwd=tmp_path, DATABASE_URL=database)
    assert done.returncode == 0, done.stderr
    assert set(dry.stdout.splitlines()) <= set(done.stdout.splitlines())


def service_file(folder, **service):
    path = folder / "services.json"
    whole = {
        "ref": "s",
        "id": "6a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c11",
        "name": "S",
        "email_sender_local_part": "s",
    }
    path.write_text(json.dumps({"services": [whole | service]}))
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "says"),
    [
        (["version"], {}, 0, "0.1.0"),
        (["--help"], {}, 0, "Usage: pillarbox"),
        (["nonsense"], {}, 2, "No such command 'nonsense'"),
        (["up", "--port", "70000"], {}, 2, "70000 is not in the range 1<=x<=65535"),
        (["serve", "--workers", "0"], {}, 2, "0 is not in the range x>=1"),
        (["provision"], {}, 2, "Missing argument 'FILE'"),
        (["provision", "/nowhere"], {}, 2, "does not exist"),
        (["check"], {"PILLARBOX_LOG_LEVEL": "x"}, 3, "PILLARBOX_LOG_LEVEL is 'x' but must be one of"),
        (["serve"], {"PILLARBOX_NONSENSE": "x"}, 3, "PILLARBOX_NONSENSE is not a setting of Pillarbox"),
        (["check"], {}, 5, "DATABASE_URL is not set"),
        (["serve"], {}, 5, "DATABASE_URL is not set"),
        (["work"], {}, 5, "DATABASE_URL is not set"),
        (["migrate"], {}, 5, "DATABASE_URL is not set"),
        (["check"], {"DATABASE_URL": NOBODY}, 5, "Connection refused"),
        (["migrate"], {"DATABASE_URL": NOBODY}, 5, "Connection refused"),
        (["up", "--port", str(free_port())], {"DATABASE_URL": NOBODY}, 5, "Connection refused"),
    ],
)
def test_the_exit_code_says_what_was_wrong(arguments, settings, code, says, tmp_path):
    ended = pillarbox(*arguments, cwd=tmp_path, **settings)
    assert ended.returncode == code, ended.stderr
    assert says in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_every_mistake_in_the_settings_is_named(tmp_path):
    ended = pillarbox("check", cwd=tmp_path, PILLARBOX_LOG_LEVEL="x", PILLARBOX_SMTP_PORT="y")
    assert ended.stderr.splitlines()[0] == "Error: Settings are wrong:"
    assert len(ended.stderr.splitlines()) == 3


def test_a_port_that_is_taken_is_said_so(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        ended = pillarbox("up", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert ended.returncode == 1
    assert "is not free: Address already in use" in ended.stderr


class TestOnADatabase:
    def test_migrating_twice_is_fine(self, database, tmp_path):
        ended = pillarbox("migrate", cwd=tmp_path, DATABASE_URL=database)
        assert (ended.returncode, ended.stdout) == (0, "The database is up to date.\n")

    def test_check_says_where_messages_go(self, database, tmp_path):
        ended = pillarbox("check", cwd=tmp_path, DATABASE_URL=database)
        assert ended.returncode == 0
        assert ended.stdout.splitlines()[0] == "Settings: fine"
        assert re.fullmatch(r"Database: fine \(PostgreSQL \d+\)", ended.stdout.splitlines()[1])
        assert "Provider sandbox (sandbox, email and sms, weight 100): fine" in ended.stdout

    def test_check_makes_no_secret_key(self, database, tmp_path):
        ended = pillarbox("check", cwd=tmp_path, DATABASE_URL=database)
        assert f"Secret key: none yet, one will be made in {tmp_path}/.pillarbox/secret.key" in ended.stdout
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("key", "code", "says"),
        [
            ("k", 0, "Secret key: fine (PILLARBOX_SECRET_KEY)"),
            ("l", 3, "cannot be opened"),
            (None, 3, "neither in"),
        ],
    )
    def test_check_tries_the_secret_key(self, databases, tmp_path, key, code, says):
        secret = {"ref": "k", "id": "6a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c12", "name": "k", "key_type": "normal"}
        secret["secret"] = secret["id"]
        file = service_file(tmp_path, api_keys=[secret])
        keys = {one: base64.b64encode(one.encode() * 32).decode() for one in ("k", "l")}
        with databases.fresh(databases.template("migrated", migrate)) as url:
            made = pillarbox(
                "provision", file, cwd=tmp_path, DATABASE_URL=url, PILLARBOX_SECRET_KEY=keys["k"]
            )
            assert made.returncode == 0, made.stderr
            settings = {"PILLARBOX_SECRET_KEY": keys[key]} if key else {}
            ended = pillarbox("check", cwd=tmp_path, DATABASE_URL=url, **settings)
        assert ended.returncode == code
        assert says in ended.stdout + ended.stderr

    def test_check_tries_the_relay(self, database, tmp_path):
        relay = {
            "PILLARBOX_EMAIL_PROVIDER": "smtp",
            "PILLARBOX_SMTP_HOST": "127.0.0.1",
            "PILLARBOX_SMTP_PORT": "1",
        }
        ended = pillarbox("check", cwd=tmp_path, DATABASE_URL=database, **relay)
        assert ended.returncode == 1
        assert "Provider smtp (smtp, email, weight 100): not well: " in ended.stdout
        assert "1 of 2 providers cannot be used" in ended.stderr

    def test_providers_lists_those_of_the_file_and_how_they_are(self, database, tmp_path):
        file = tmp_path / "providers.yaml"
        file.write_text("providers:\n  - {name: caught, kind: sandbox, weight: 7}\n")
        ended = pillarbox(
            "providers", cwd=tmp_path, DATABASE_URL=database, PILLARBOX_PROVIDERS_FILE=str(file)
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout == "Provider caught (sandbox, email and sms, weight 7): fine\n"

    def test_mistakes_in_the_providers_file_are_all_named(self, database, tmp_path):
        file = tmp_path / "providers.yaml"
        file.write_text(
            "providers:\n  - {name: a, kind: pigeon}\n  - {name: b, kind: sandbox, weight: -1}\n"
            "  - {name: c, kind: smtp, options: {hots: x}}\n  - {name: d, kind: sandbox, wieght: 1}\n"
            "  - {name: e, kind: smtp, options: {host: '${NOWHERE}'}}\n"
        )
        ended = pillarbox(
            "providers", cwd=tmp_path, DATABASE_URL=database, PILLARBOX_PROVIDERS_FILE=str(file)
        )
        assert ended.returncode == 3
        for said in (
            "a: kind is 'pigeon' but must be one of",
            "b: weight is -1 but must be from 0 to 1000",
            "c: Object contains unknown field `hots`",
            "provider 4: Object contains unknown field `wieght`",
            "provider 5: ${NOWHERE} is not set",
        ):
            assert said in ended.stderr

    def test_a_file_is_applied_once(self, database, tmp_path):
        file = service_file(tmp_path)
        first = pillarbox("provision", file, cwd=tmp_path, DATABASE_URL=database)
        assert (first.returncode, first.stdout) == (0, f"{file} is applied: 1 created, 0 changed.\n")
        second = pillarbox("provision", file, cwd=tmp_path, DATABASE_URL=database)
        assert (second.returncode, second.stdout) == (0, f"{file} is applied: nothing to change.\n")

    def test_mistakes_in_a_file_are_named_with_their_lines(self, database, tmp_path):
        file = service_file(tmp_path, rate_limit=-1, nmae="x")
        ended = pillarbox("provision", file, cwd=tmp_path, DATABASE_URL=database)
        assert ended.returncode == 4
        assert ended.stderr.splitlines() == [
            "Error: Nothing was changed:",
            f"  {file}:1: services[0].nmae: is not known here: is it misspelt?",
            f"  {file}:1: services[0].rate_limit: Expected `int` >= 0",
        ]


def commands(name, command):
    """Each command with its full name, those of groups too."""
    yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from commands(f"{name} {word}", inner)


@pytest.mark.parametrize(("name", "command"), list(commands("pillarbox", main)))
def test_the_reference_shows_the_help_of_every_command(name, command):
    text = REFERENCE.read_text()
    with click.Context(command, info_name=name, terminal_width=80, max_content_width=80) as context:
        assert f"```text\n{command.get_help(context)}\n```" in text, (
            f"{REFERENCE.name} shows another help of {name}"
        )


def test_the_reference_shows_no_command_that_is_gone():
    headings = set(re.findall(r"^##+ `(pillarbox [\w ]+)`", REFERENCE.read_text(), re.MULTILINE))
    assert headings == {name for name, _ in commands("pillarbox", main)} - {"pillarbox"}


def test_starting_with_another_secret_key_is_refused_before_anything_runs(databases, tmp_path):
    keys = {one: base64.b64encode(one.encode() * 32).decode() for one in ("k", "l")}
    with databases.fresh(databases.template("migrated", migrate)) as url:
        with connected(url):
            from pillarbox.console.provisioning.demo import make_demo

            make_demo(Seal(b"k" * 32))
        port = str(free_port())
        ended = pillarbox(
            "up", "--port", port, cwd=tmp_path, DATABASE_URL=url, PILLARBOX_SECRET_KEY=keys["l"]
        )
    assert ended.returncode == 3
    assert "cannot be opened with this secret key" in ended.stderr
    assert "ready" not in ended.stdout
