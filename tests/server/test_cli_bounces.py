"""`pillarbox bounces`: what is piped in or brought is in the database before anybody is told so."""

import smtplib
import subprocess
from contextlib import contextmanager
from urllib.parse import parse_qs

import psycopg
import pytest

from tests.support.console import migrate
from tests.support.pillarbox import COMMAND, environment, relay_settings
from tests.support.ports import free_port
from tests.support.processes import Program

NOBODY = "postgresql://127.0.0.1:1/nobody"
ADDRESS = "bounces+0198c0de-0000-7000-8000-00000000000a@notify.example.org"
BOUNCE = b"Subject: failure notice\n\nNo mailbox here by that name. \xff\n"
TWO = """
providers:
  - {name: first, kind: smtp, options: {host: 127.0.0.1, bounce_address: bounces@notify.example.org}}
  - {name: second, kind: smtp, options: {host: 127.0.0.1}}
"""


@pytest.fixture
def database(databases):
    with databases.fresh(databases.template("migrated", migrate)) as url:
        yield url


def pipe(*arguments, url, raw=BOUNCE, **settings):
    """What a mail system sees: exit code and words."""
    ended = subprocess.run(
        [COMMAND, "bounces", *arguments],
        input=raw,
        env=environment(DATABASE_URL=url, **(settings or relay_settings(25))),
        capture_output=True,
        check=False,
        timeout=60,
    )
    return ended.returncode, ended.stderr.decode()


def kept(url):
    with psycopg.connect(url) as connection:
        return connection.execute("select provider, body, query from provider_post order by id").fetchall()


def test_a_bounce_that_is_piped_in_is_kept(database):
    assert pipe("--stdin", "--to", ADDRESS, "--from", "MAILER-DAEMON", url=database) == (0, "")
    ((provider, body, query),) = kept(database)
    assert (provider, body) == ("smtp", BOUNCE)
    assert parse_qs(query, keep_blank_values=True) == {"to": [ADDRESS], "from": [""]}


def test_the_whole_of_a_large_message_is_taken_and_its_beginning_kept(database):
    assert pipe("--stdin", "--to", ADDRESS, url=database, raw=BOUNCE * 20_000)[0] == 0
    assert len(kept(database)[0][1]) == 262_144


@pytest.mark.parametrize(
    ("url", "settings", "says"),
    [
        (NOBODY, {}, "Connection refused"),
        ("", {}, "DATABASE_URL is not set"),
        (NOBODY, {"PILLARBOX_NONSENSE": "x"}, "is not a setting of Pillarbox"),
        (NOBODY, {"PILLARBOX_EMAIL_PROVIDER": "sandbox"}, "without a relay no emails go out"),
    ],
)
def test_a_bounce_that_could_not_be_kept_is_to_be_piped_in_again(url, settings, says):
    code, words = pipe("--stdin", "--to", ADDRESS, url=url, **settings)
    assert code == 75
    assert says in words


def test_a_database_without_tables_is_trouble_that_may_pass(empty_database):
    code, words = pipe("--stdin", "--to", ADDRESS, url=empty_database)
    assert (code, "run `pillarbox migrate`" in words) == (75, True)


@pytest.mark.parametrize(
    "arguments",
    [[], ["--stdin"], ["--listen", "127.0.0.1:2525", "--stdin", "--to", ADDRESS], ["--listen", "2525"]],
)
def test_a_call_that_makes_no_sense_is_refused(arguments):
    assert pipe(*arguments, url=NOBODY)[0] == 2


def test_with_several_relays_it_must_be_said_whose_bounces_they_are(database, tmp_path):
    file = tmp_path / "providers.yaml"
    file.write_text(TWO)
    settings = {"PILLARBOX_PROVIDERS_FILE": str(file)}
    code, words = pipe("--stdin", "--to", ADDRESS, url=database, **settings)
    assert (code, "first, second" in words) == (75, True)
    assert pipe("--stdin", "--to", ADDRESS, "--provider", "second", url=database, **settings)[0] == 0
    assert [provider for provider, *_ in kept(database)] == ["second"]


@contextmanager
def listening(url, *arguments, **settings):
    port = free_port()
    command = [COMMAND, "bounces", "--listen", f"127.0.0.1:{port}", *arguments]
    with Program(command, environment(DATABASE_URL=url, **(settings or relay_settings(25)))) as program:
        program.wait_for("bounces are taken", 30)
        yield program, port


@pytest.mark.parametrize(("protocol", "client"), [("smtp", smtplib.SMTP), ("lmtp", smtplib.LMTP)])
def test_a_bounce_that_is_brought_is_kept_once_it_is_taken(database, protocol, client):
    with listening(database, "--protocol", protocol) as (program, port):
        with client("127.0.0.1", port) as smtp:
            smtp.sendmail("", [ADDRESS], BOUNCE.replace(b"\n", b"\r\n"))
            assert len(kept(database)) == 1
        program.terminate()
        assert program.wait(30) == 0


def test_only_bounce_addresses_are_taken(database, tmp_path):
    file = tmp_path / "providers.yaml"
    file.write_text(TWO)
    with (
        listening(database, "--provider", "first", PILLARBOX_PROVIDERS_FILE=str(file)) as (_, port),
        smtplib.SMTP("127.0.0.1", port) as smtp,
    ):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail("", ["jo@example.com"], BOUNCE)
        smtp.sendmail("", [ADDRESS], BOUNCE)


def test_a_port_that_somebody_else_has_is_said_so(database):
    with listening(database) as (_, port):
        code, words = pipe("--listen", f"127.0.0.1:{port}", url=database)
    assert (code, f"Port {port} on 127.0.0.1 is not free" in words) == (1, True)
