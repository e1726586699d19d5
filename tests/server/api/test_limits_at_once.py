"""Limits hold when everybody comes at once, over two API processes."""

import asyncio
from collections import Counter
from typing import Any

import aiohttp
import psycopg
import pytest

from tests.support.api import Api, api_in_processes, provisioned
from tests.support.factories import MANY, MadeService, document

_LIMITS = {"sms": MANY, "email": MANY, "letter": MANY, "international_sms": MANY}


def service(name: str, **options: Any) -> MadeService:
    """A service with some of its options changed."""
    return MadeService(name, options=options)


SERVICES = {
    one.name: one
    for one in (
        service("daily", daily_limits=_LIMITS | {"sms": 50}),
        service("daily-again", daily_limits=_LIMITS | {"sms": 50}),
        service("abroad", daily_limits=_LIMITS | {"international_sms": 5}),
        service("bucket", rate_limit=30),  # eleven tokens, one of which always stays
        service("slow", rate_limit=3),  # a bucket of two
        service("plain"),
        service("few", daily_limits=_LIMITS | {"sms": 3}),
        service("none", daily_limits=_LIMITS | {"sms": 0}),
        service("trial-none", daily_limits=_LIMITS | {"sms": 0}, restricted=True),
    )
}


@pytest.fixture(scope="module")
def api(databases, tmp_path_factory):
    with (
        provisioned(databases, document(*SERVICES.values())) as url,
        api_in_processes(url, 2, tmp_path_factory.mktemp("api")) as running,
    ):
        yield running


async def at_once(
    api: Api, service: MadeService, times: int, *, headers: dict[str, str] | None = None, **body: Any
):
    """The answers, as (status, body), to so many requests that all come at once."""
    sent = {"Authorization": service.authorization()} | (headers or {})
    text = {
        "phone_number": "07900900123",
        "template_id": service.templates["sms"],
        "personalisation": {"name": "Jo"},
    }

    async def one(session: aiohttp.ClientSession) -> tuple[int, dict[str, Any]]:
        url = f"{api.base}/v2/notifications/sms"
        async with session.post(url, json=text | body, headers=sent) as answer:
            return answer.status, await answer.json()

    # A connection for each request spreads them over both processes.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        return await asyncio.gather(*(one(session) for _ in range(times)))


def statuses(answers: list[tuple[int, Any]]) -> Counter[int]:
    return Counter(status for status, _ in answers)


def stored(api: Api, service: MadeService) -> int:
    """How many messages of a service are in the database, each with its place in the outbox."""
    with psycopg.connect(api.database_url) as connection:
        rows = connection.execute(
            "select (select count(*) from notification where service_id = %(id)s), "
            "(select count(*) from outbox where service_id = %(id)s)",
            {"id": service.id},
        ).fetchone()
    assert rows is not None
    assert rows[0] == rows[1]
    return int(rows[0])


async def test_of_a_hundred_requests_at_once_as_many_pass_as_the_day_allows(api) -> None:
    answers = await at_once(api, SERVICES["daily"], 100)
    assert statuses(answers) == {201: 50, 429: 50}
    refused = next(body for status, body in answers if status == 429)
    assert refused["errors"] == [
        {"error": "TooManyRequestsError", "message": "Exceeded send limits (sms: 50) for today"}
    ]
    assert stored(api, SERVICES["daily"]) == 50


async def test_of_a_hundred_requests_at_once_as_many_pass_as_the_bucket_holds(api) -> None:
    answers = await at_once(api, SERVICES["bucket"], 100)
    passed = statuses(answers)[201]
    assert passed == 10
    assert {body["errors"][0]["error"] for status, body in answers if status == 429} == {"RateLimitError"}
    assert stored(api, SERVICES["bucket"]) == 10


async def test_fifty_requests_with_one_idempotency_key_make_one_message(api) -> None:
    one = SERVICES["plain"]
    before = stored(api, one)
    answers = await at_once(api, one, 50, headers={"Idempotency-Key": "only once"})
    assert statuses(answers).keys() <= {201, 409}
    assert len({body["id"] for status, body in answers if status == 201}) == 1
    again = await at_once(api, one, 1, headers={"Idempotency-Key": "only once"})
    assert again[0][0] == 201
    assert stored(api, one) == before + 1


async def test_requests_that_are_refused_later_give_their_place_back(api) -> None:
    one = SERVICES["daily-again"]
    for mistake in (
        {"phone_number": "5"},
        {"personalisation": {}},
        {"reference": "\0"},
        {"template_id": one.id},
    ):
        assert statuses(await at_once(api, one, 20, **mistake)).keys() <= {400, 404}
    assert statuses(await at_once(api, one, 60)) == {201: 50, 429: 10}


async def test_texts_abroad_count_for_both_limits_and_give_both_places_back(api) -> None:
    one = SERVICES["abroad"]
    answers = await at_once(api, one, 30, phone_number="+1 202 555 0123")
    assert statuses(answers) == {201: 5, 429: 25}
    assert "international_sms: 5" in next(b for s, b in answers if s == 429)["errors"][0]["message"]
    with psycopg.connect(api.database_url) as connection:
        counted = dict(
            connection.execute(
                "select channel, count from daily_count where service_id = %s", [one.id]
            ).fetchall()
        )
    assert counted == {"sms": 5, "international_sms": 5}


def text(one: MadeService, number: str = "07900900123") -> dict[str, Any]:
    return {"phone_number": number, "template_id": one.templates["sms"], "personalisation": {"name": "Jo"}}


def test_messages_of_test_keys_and_to_simulated_numbers_do_not_count(api) -> None:
    one = SERVICES["few"]
    for _ in range(6):
        assert api.ask(one, "POST", "/v2/notifications/sms", text(one), kind="test").status_code == 201
        simulated = api.ask(one, "POST", "/v2/notifications/sms", text(one, "07700900111"))
        assert simulated.status_code == 201
    answers = [api.ask(one, "POST", "/v2/notifications/sms", text(one)).status_code for _ in range(5)]
    assert answers == [201, 201, 201, 429, 429]


@pytest.mark.parametrize(("name", "status"), [("none", 429), ("trial-none", 201)])
def test_a_limit_of_nothing_stops_test_keys_of_live_services_only(api, name, status) -> None:
    one = SERVICES[name]
    assert api.ask(one, "POST", "/v2/notifications/sms", text(one), kind="test").status_code == status


def test_every_answer_of_a_sending_route_tells_how_much_is_left(api) -> None:
    one = SERVICES["plain"]
    left = []
    for body in (text(one), {}, text(one)):
        headers = api.ask(one, "POST", "/v2/notifications/sms", body, kind="team").headers
        assert headers["RateLimit-Limit"] == "999"
        left.append(int(headers["RateLimit-Remaining"]))
        assert headers["RateLimit-Reset"] == "0"
    assert left[0] <= 999


def test_who_is_too_fast_is_told_how_long_to_wait(api) -> None:
    one = SERVICES["slow"]
    assert api.ask(one, "POST", "/v2/notifications/sms", text(one)).status_code == 201
    refused = api.ask(one, "POST", "/v2/notifications/sms", {})
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["message"] == (
        "Exceeded rate limit for key type LIVE of 3 requests per 60 seconds"
    )
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert 30 < int(refused.headers["Retry-After"]) <= 40
    assert refused.headers["RateLimit-Remaining"] == "0"
