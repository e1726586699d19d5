"""The runner against a server of three lines: it must notice what is wrong, and pass what is right."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.contract.asking import Asker
from tests.contract.cases_file import CASES, Case, Step, read_cases
from tests.contract.fixture import Fixture
from tests.contract.report import Report
from tests.contract.running import run_case
from tests.contract.sink import Sink
from tests.contract.variables import Variables


@pytest.fixture
async def base() -> AsyncIterator[str]:
    asked = 0

    async def echo(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        seen = {
            "method": request.method,
            "path": request.raw_path,
            "type": request.headers.get("Content-Type"),
            "authorized": "Authorization" in request.headers,
            "body": (await request.read()).decode(),
            "asked": asked,
        }
        return web.json_response(seen, headers={"X-Number": str(asked)})

    async def moved(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async def text(_: web.Request) -> web.Response:
        return web.Response(text="%PDF and more")

    app = web.Application()
    app.router.add_get("/moved", moved)
    app.router.add_get("/text", text)
    app.router.add_route("*", "/{path:.*}", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def run(base: str, *steps: Step, sink: Sink | None = None) -> list[str]:
    case = Case("c-1", "area", "a case", "contract", "", steps)
    async with Asker({"api": base, "docs": f"{base}/docs"}, Fixture()) as asker:
        return await run_case(case, asker, Variables({"API": base}), sink)


def step(expect: dict[str, object], save: dict[str, object] | None = None, **request: object) -> Step:
    return Step(request={"method": "GET", "path": "/x", **request}, expect=expect, save=save or {})


def seen(**fields: object) -> dict[str, object]:
    return {"status": 200, "match": "subset", "json": fields}


@pytest.mark.parametrize(
    ("request_", "arrives"),
    [
        ({}, {"method": "GET", "path": "/x", "type": None, "authorized": False, "body": ""}),
        ({"host": "docs"}, {"path": "/docs/x"}),
        ({"query": {"a": ["1", "2"], "b": "c d"}}, {"path": "/x?a=1&a=2&b=c+d"}),
        ({"path": "/x%00%2F"}, {"path": "/x%00%2F"}),
        (
            {"method": "POST", "json": {"a": "${REPEAT_x_3}"}},
            {"type": "application/json", "body": '{"a": "xxx"}'},
        ),
        ({"method": "POST", "body": "["}, {"type": None, "body": "["}),
        (
            {"method": "POST", "body": "a", "headers": {"Content-Type": "text/plain"}},
            {"type": "text/plain", "body": "a"},
        ),
        (
            {"method": "POST", "form": {"a": "b c"}},
            {"type": "application/x-www-form-urlencoded", "body": "a=b+c"},
        ),
        ({"auth": "live"}, {"authorized": True}),
    ],
)
async def test_a_request_arrives_as_the_case_describes_it(base, request_, arrives) -> None:
    assert await run(base, step(seen(**arrives), **request_)) == []


@pytest.mark.parametrize(
    "expect",
    [
        {"status": 201},
        {"status": [400, 404]},
        {"status": 200, "json": {}},
        {"status": 200, "match": "subset", "json": {"method": "POST"}},
        {"status": 200, "headers": {"X-Number": "one"}},
        {"status": 200, "headers": {"X-Other": "<nonempty>"}},
        {"status": 200, "body": "{}"},
        {"status": 200, "body_prefix": "%PDF"},
        {"status": 200, "callback": {"path": "/p", "times": 1, "within_seconds": 0}},
    ],
)
async def test_every_kind_of_difference_is_noticed(base, expect) -> None:
    assert await run(base, step(expect)) != []


async def test_text_and_redirects_are_answers_like_others(base) -> None:
    assert await run(base, step({"status": 200, "body_prefix": "%PDF"}, path="/text")) == []
    assert await run(base, step({"status": 200, "body": "%PDF and more"}, path="/text")) == []
    assert await run(base, step({"status": 302, "headers": {"Location": "/elsewhere"}}, path="/moved")) == []
    assert len(await run(base, step({"status": 200, "json": {}}, path="/text"))) == 1


async def test_later_steps_use_what_earlier_ones_saved(base) -> None:
    first = step(seen(), save={"n": "asked"}, path="/${FRESH}")
    assert await run(base, first, step(seen(path="/1"), path="/${n}")) == []


async def test_a_failing_step_ends_the_case_and_says_which_it_was(base) -> None:
    found = await run(base, step({"status": 404}), step(seen()))
    assert found[0].startswith("in step 1: status")


async def test_a_request_is_repeated_until_it_matches(base) -> None:
    assert await run(base, step(seen(asked=3) | {"poll_seconds": 5})) == []


async def test_a_step_may_be_a_pause(base) -> None:
    assert await run(base, Step(wait_seconds=0.01), step(seen(asked=1))) == []


@pytest.mark.parametrize(
    "wrong",
    [step(seen(), path="/${nobody}"), step(seen(), auth="no.key"), step(seen(), save={"x": "nothing"})],
)
async def test_what_cannot_be_asked_or_saved_fails_the_case(base, wrong) -> None:
    assert len(await run(base, wrong)) == 1


async def test_a_server_that_is_not_there_fails_the_case(unused_tcp_port) -> None:
    assert "no answer" in (await run(f"http://127.0.0.1:{unused_tcp_port}", step(seen())))[0]


@pytest.mark.parametrize(("posts", "fits"), [(0, False), (1, True), (2, False)])
async def test_a_callback_must_come_exactly_as_often_as_expected(base, unused_tcp_port, posts, fits) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/hooks"
    callback = {
        "path": "/delivery",
        "headers": {"Authorization": "Bearer b"},
        "json": {"id": "<any>"},
        "times": 1,
        "within_seconds": 0.5,
    }
    async with Sink(url) as sink, aiohttp.ClientSession() as session:
        for number in range(posts):
            await session.post(f"{url}/delivery", json={"id": number}, headers={"Authorization": "Bearer b"})
        await session.post(f"{url}/delivery", json={"id": 1}, headers={"Authorization": "Bearer other"})
        await session.post(f"{url}/elsewhere", data="no json")
        found = await run(base, step({"status": 200, "callback": callback}), sink=sink)
    assert (found == []) is fits


async def test_a_callback_that_comes_late_is_waited_for(base, unused_tcp_port) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"

    async def post_later() -> None:
        await asyncio.sleep(0.3)
        async with aiohttp.ClientSession() as session:
            await session.post(f"{url}/p", data="x")

    async with Sink(url) as sink, asyncio.TaskGroup() as group:
        group.create_task(post_later())
        expected = {"path": "/p", "times": 1, "within_seconds": 10}
        assert await sink.difference(expected, Variables({})) is None


def test_every_case_of_ours_can_be_read_and_has_its_own_name() -> None:
    cases = list(read_cases(CASES))
    assert len({case.id for case in cases}) == len(cases) > 300
    assert all("status" in step.expect for case in cases for step in case.steps)


def test_a_fixture_is_written_with_its_variables_filled(tmp_path: Path) -> None:
    fixture = Fixture()
    fixture.write_filled(tmp_path / "f.json", Variables({**fixture.defaults, "API": "http://api.test"}))
    written = json.loads((tmp_path / "f.json").read_text())
    assert written["config"]["api_base_url"] == "http://api.test"
    assert "${" not in json.dumps(written)


def test_what_a_fixture_has_filled_in_already_is_not_a_variable_any_more(tmp_path: Path) -> None:
    assert Fixture().settled == {}
    Fixture().write_filled(
        tmp_path / "f.json", Variables({**Fixture().defaults, "ADMIN": "http://admin.test"})
    )
    settled = Fixture(tmp_path / "f.json").settled
    assert settled["ADMIN"] == "http://admin.test"
    assert "API" not in settled


def test_a_report_passes_only_if_something_ran_and_all_of_it_passed() -> None:
    report, case = Report(), Case("c-1", "sms", "something", "contract", "", ())
    assert not report.all_passed
    report.add(case, [])
    assert report.all_passed
    report.add(case, ["answer: expected 1, got 2"])
    assert not report.all_passed
    assert list(report.lines())[-2].split() == ["sms", "1", "of", "2"]
