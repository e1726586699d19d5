"""`pillarbox callbacks`: what became of calls to services, and making them again."""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from click.testing import CliRunner

from pillarbox import logs
from pillarbox.cli import main
from pillarbox.cli_callbacks import Moment
from tests.support.api import SECRET_KEY, provisioned
from tests.support.factories import MadeService, document

TOKEN = "a-bearer-token"
CALLBACKS = [
    {"type": "delivery_status", "url": "https://ours.example.com/", "bearer_token": TOKEN},
]
OURS = MadeService("ours", options={"callbacks": CALLBACKS})
OTHERS = MadeService("others", options={"callbacks": CALLBACKS})
AT = datetime(2026, 5, 17, 15, 0, tzinfo=UTC)


@pytest.fixture
def url(databases):
    with provisioned(databases, document(OURS, OTHERS)) as url:
        yield url


@pytest.fixture
def callbacks(url, tmp_path, monkeypatch):
    """Run the command; its output, if it ended well."""
    # How this process logs is the test run's business: other tests read what is logged.
    monkeypatch.setattr(logs, "configure", lambda level: None)

    def run(*arguments):
        settings = {
            "DATABASE_URL": url,
            "PILLARBOX_SECRET_KEY": base64.b64encode(SECRET_KEY).decode(),
            "PILLARBOX_DATA": str(tmp_path),
        }
        ended = CliRunner(env=settings).invoke(main, ["callbacks", *arguments])
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    return run


@pytest.fixture
def database(url, callbacks):
    callbacks("list")  # whoever opens the store makes the partitions of today
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def attempted(database, service, outcome="failed", at=AT, reason="Not Found"):
    """A delivered message whose callback ended so; its id."""
    identifier = uuid.uuid4()
    now = datetime.now(UTC)
    database.execute(
        "insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version,"
        " recipient, status) values (%s, %s, %s, 'sms', 'normal', %s, 1, '07900900123', 'delivered')",
        [identifier, now, service.id, service.templates["sms"]],
    )
    database.execute(
        "insert into callback_attempt (created_at, attempted_at, service_id, kind, channel, message_id, webhook_id,"
        " attempt, url, status, outcome, reason, seconds, answer) values"
        " (%s, %s, %s, 'delivery_status', 'sms', %s, 'id', 1, 'https://ours.example.com/', 404, %s, %s, 0.25, 'no')",
        [now, at, service.id, identifier, outcome, reason],
    )
    return identifier


def queued(database):
    return [row[0] for row in database.execute("select notification_id from outbox").fetchall()]


def test_attempts_are_listed_the_newest_first(callbacks, database):
    first = attempted(database, OURS)
    second = attempted(database, OURS, "done", at=AT + timedelta(hours=1))
    rest = "  404   0.25 s  delivery_status "
    assert callbacks("list").splitlines() == [
        f"2026-05-17T16:00:00Z  done   {rest} {second}  try 1  https://ours.example.com/",
        f"2026-05-17T15:00:00Z  failed {rest} {first}  try 1  https://ours.example.com/  Not Found",
    ]


def test_options_narrow_the_list(callbacks, database):
    ours, others = attempted(database, OURS), attempted(database, OTHERS, "done", at=AT + timedelta(hours=1))
    for options, shown in [
        (["--service", OURS.id], [ours]),
        (["--message", str(others)], [others]),
        (["--status", "failed"], [ours]),
        (["--status", "again"], []),
        (["--since", "2026-05-17T15:30"], [others]),
        (["--until", "2026-05-17T16:30+01:00"], [ours]),
        (["--limit", "1"], [others]),
    ]:
        lines = callbacks("list", "--json", *options).splitlines()
        assert [json.loads(line)["message_id"] for line in lines] == list(map(str, shown)), options


def test_json_has_the_answer(callbacks, database):
    attempted(database, OURS)
    attempt = json.loads(callbacks("list", "--json"))
    assert (attempt["answer"], attempt["reason"], attempt["outcome"]) == ("no", "Not Found", "failed")


def test_what_services_answer_moves_no_cursor(callbacks, database):
    attempted(database, OURS, reason="\x1b[2Jgone\nand a line of its own")
    (line,) = callbacks("list").splitlines()
    assert line.endswith("\ufffd[2Jgone\ufffdand a line of its own")


def test_replay_says_how_many_it_queues_and_queues_failed_ones_only(callbacks, database):
    failed = [attempted(database, OURS), attempted(database, OURS, "gave up")]
    attempted(database, OURS, "done")
    attempted(database, OURS, "again")
    assert callbacks("replay", "--dry-run") == "2 callbacks would be made again.\n"
    assert queued(database) == []
    assert callbacks("replay") == "2 callbacks will be made again.\n"
    assert sorted(queued(database)) == sorted(failed)
    assert callbacks("replay") == "0 callbacks will be made again.\n"


def test_replay_is_narrowed_like_the_list(callbacks, database):
    ours, others = attempted(database, OURS, "done"), attempted(database, OTHERS, at=AT + timedelta(hours=1))
    assert callbacks("replay", "--since", "2026-05-17T15:30Z") == "1 callback will be made again.\n"
    assert queued(database) == [others]
    callbacks("replay", "--service", OURS.id, "--status", "done")
    assert queued(database) == [others, ours]


def test_replay_says_what_it_leaves_out(callbacks, database):
    attempted(database, OURS)
    database.execute("delete from notification")
    assert callbacks("replay") == (
        "0 callbacks will be made again."
        " Left out: 1, whose messages are gone or whose services want no callbacks any more.\n"
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-17", datetime(2026, 5, 17, tzinfo=UTC)),
        ("2026-05-17T15:00", AT),
        ("2026-05-17T15:00:00Z", AT),
        ("2026-05-17T16:00:00+01:00", AT),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(text, moment):
    assert Moment().convert(text, None, None) == moment


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("45s", timedelta(seconds=45)),
        ("90m", timedelta(minutes=90)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("99999d", timedelta(days=99999)),
    ],
)
def test_times_may_be_so_long_ago(text, ago):
    assert abs(datetime.now(UTC) - Moment().convert(text, None, None) - ago) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["", "soon", "2h30m", "-1h", "9" * 30 + "d", "2026-13-01"])
def test_what_is_no_time_is_said_so(text):
    ended = CliRunner().invoke(main, ["callbacks", "list", "--since", text])
    assert ended.exit_code == 2
    assert "is no time such as" in ended.output
