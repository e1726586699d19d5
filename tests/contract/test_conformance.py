"""Every case of the API's contract that the server is meant to pass, against one API process and against two."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contract.asking import Asker
from tests.contract.cases_file import CASES, Case, read_cases
from tests.contract.fixture import Fixture
from tests.contract.running import run_case
from tests.contract.server import running_server
from tests.contract.sink import Sink
from tests.contract.variables import Variables
from tests.support.ports import free_port

pytestmark = pytest.mark.acceptance

# Areas and single cases about what the server does not do yet, and what that is.
NOT_YET = {
    "documents": "files by email",
    "post-email-files": "files by email",
    "get-pdf": "the PDFs of letters",
    "post-precompiled-letter": "letters that arrive as PDFs",
}

# Areas that a server may leave out, and that this one has.
OPTIONAL = {"provider-receipts"}

FIXTURE = Fixture()
ALL = [case for case in read_cases(CASES) if case.tier != "optional" or case.area in OPTIONAL]
DONE = [case for case in ALL if case.area not in NOT_YET and case.id not in NOT_YET]


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[1, 2], ids=["one-process", "two-processes"]
)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Variables, Sink]]:
    """What variables stand for on a freshly seeded server with so many API processes, and where it calls back."""
    base = f"http://127.0.0.1:{free_port()}"
    values = Variables(
        FIXTURE.defaults
        | {"API": base, "DOCS_API": base, "DOCS_FRONTEND": base}
        | {"CALLBACK_SINK": f"http://127.0.0.1:{free_port()}"}
    )
    # The server calls back whenever it is time: the sink is there before it and after it.
    async with Sink(values.value("CALLBACK_SINK")) as sink:
        running = running_server(FIXTURE, values, int(base.rpartition(":")[2]), workers=request.param)
        await asyncio.to_thread(running.__enter__)
        try:
            yield values, sink
        finally:
            await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in DONE])
async def test_conformance_case(case: Case, server: tuple[Variables, Sink]) -> None:
    variables, sink = server
    hosts = {"api": variables.value("API"), "docs": variables.value("DOCS_API")}
    async with Asker(hosts, FIXTURE) as asker:
        assert await run_case(case, asker, variables, sink) == []


def test_what_is_not_done_yet_is_named_as_the_cases_name_it() -> None:
    assert NOT_YET.keys() <= {name for case in ALL for name in (case.area, case.id)}
