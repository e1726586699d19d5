"""Request ids: in every answer and in the log; and crashes, logged once, without anybody's data."""

import json
from typing import Any

import psycopg
import pytest

from tests.support.api import Api, api_in_processes, provisioned
from tests.support.factories import MadeService, document
from tests.support.processes import wait_until

SERVICE = MadeService("logged")
NUMBER = "07900900987"
CRASHING = "07900900988"


@pytest.fixture(scope="module")
def api(databases, tmp_path_factory):
    with provisioned(databases, document(SERVICE)) as url:
        with psycopg.connect(url) as connection:
            # A row that breaks a constraint is quoted by the database in its complaint.
            connection.execute(f"alter table notification add constraint c check (recipient <> '{CRASHING}')")
        with api_in_processes(url, 1, tmp_path_factory.mktemp("api")) as running:
            yield running


def text(number: str) -> dict[str, Any]:
    return {
        "phone_number": number,
        "template_id": SERVICE.templates["sms"],
        "personalisation": {"name": "Secretive Person"},
        "reference": "confidential",
    }


def logged(api: Api, request_id: str) -> list[dict[str, Any]]:
    """The lines of the log that belong to a request."""
    wait_until(lambda: request_id in api.program.output, 5, "a line in the log")
    return [json.loads(line) for line in api.program.output.splitlines() if request_id in line]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_status", 200),
        ("GET", "/nowhere", 404),
        ("DELETE", "/v2/templates", 405),
        ("GET", "/v2/templates", 200),
        ("GET", "/v2/notifications/x", 400),
        ("POST", "/v2/notifications/sms", 400),
        ("OPTIONS", "/v2/templates", 200),
        ("HEAD", "/v2/templates", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/docs", 200),
    ],
)
def test_every_answer_has_a_request_id_of_its_own(api, method, path, status) -> None:
    answers = [api.ask(SERVICE, method, path) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, status]
    first, second = (answer.headers["request-id"] for answer in answers)
    assert first != second
    assert len(first) == 32


def test_an_accepted_message_is_logged_with_both_ids_and_nothing_of_its_own(api) -> None:
    answer = api.ask(SERVICE, "POST", "/v2/notifications/sms", text(NUMBER))
    lines = logged(api, answer.headers["request-id"])
    assert [line["event"] for line in lines] == ["accepted"]
    assert lines[0]["notification_id"] == answer.json()["id"]
    assert lines[0]["service_id"] == SERVICE.id
    for secret in (NUMBER, "Secretive", "confidential", SERVICE.secrets["normal"], "Bearer"):
        assert secret not in api.program.output


def test_a_crash_is_answered_as_the_contract_says_and_logged_once(api) -> None:
    answer = api.ask(SERVICE, "POST", "/v2/notifications/sms", text(CRASHING))
    assert answer.status_code == 500
    assert answer.json() == {
        "status_code": 500,
        "errors": [{"error": "Exception", "message": "Internal server error"}],
    }
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    lines = logged(api, answer.headers["request-id"])
    assert [line["event"] for line in lines] == ["request failed"]
    assert lines[0]["level"] == "error"
    assert lines[0]["endpoint"] == "post_sms"
    assert lines[0]["error"][0] == "psycopg.errors.CheckViolation"
    assert any("sending.py" in frame for frame in lines[0]["traceback"])
    for secret in (CRASHING, "Secretive", "confidential", "Traceback (most recent"):
        assert secret not in api.program.output


def test_after_a_crash_the_same_idempotency_key_may_be_used_again(api) -> None:
    headers = {"Idempotency-Key": "crashing"}
    for _ in range(2):
        answer = api.ask(SERVICE, "POST", "/v2/notifications/sms", text(CRASHING), headers=headers)
        assert answer.status_code == 500
    with psycopg.connect(api.database_url) as connection:
        assert connection.execute("select count(*) from idempotency").fetchone() == (0,)


def test_a_crash_takes_no_place_of_the_day(api) -> None:
    before = counted(api)
    api.ask(SERVICE, "POST", "/v2/notifications/sms", text(CRASHING))
    assert counted(api) == before


def counted(api: Api) -> int:
    with psycopg.connect(api.database_url) as connection:
        row = connection.execute("select coalesce(sum(count), 0) from daily_count").fetchone()
    assert row is not None
    return int(row[0])


def test_what_cannot_be_parsed_is_no_crash(api) -> None:
    for body in (b"{", b"[" * 5000, json.dumps(text("x")).encode()):
        assert api.ask(SERVICE, "POST", "/v2/notifications/sms", body).status_code == 400
    assert api.program.output.count("request failed") <= 4  # those of the tests above
