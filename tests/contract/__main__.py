"""`python -m tests.contract`: run the conformance cases against any server, or against one of our own."""

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from tests.contract.asking import Asker
from tests.contract.cases_file import CASES, Case, read_cases
from tests.contract.fixture import FIXTURE, Fixture
from tests.contract.report import Report
from tests.contract.running import run_case
from tests.contract.server import running_server
from tests.contract.sink import Sink
from tests.contract.variables import Variables

_PORT = 6511


def main() -> int:
    """Run what the arguments ask for; 0 if every case passed."""
    options = _arguments()
    # Told to stop, we must still stop the server that we started: leave by an exception.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    fixture = Fixture(options.fixture)
    cases = [case for case in read_cases(options.cases) if _is_wanted(case, options)]
    report = Report()
    with contextlib.ExitStack() as stack:
        base = options.base_url or f"http://127.0.0.1:{options.port}"
        variables = server_variables(fixture, base, options)
        if options.base_url is None:
            server = stack.enter_context(
                running_server(fixture, variables, options.port, workers=options.workers)
            )
            if options.log:
                stack.callback(lambda: options.log.write_text(server.output, encoding="utf-8"))
        asyncio.run(_run(cases, fixture, variables, report))
    for line in report.lines():
        print(line)
    return 0 if report.all_passed else 1


def server_variables(fixture: Fixture, base_url: str, options: argparse.Namespace) -> Variables:
    """What variables stand for.

    What `--set` says wins over what the fixture has filled in, that over where the server is, and that
    over the fixture's defaults.
    """
    docs = (options.docs_url or base_url).rstrip("/")
    where = {"API": base_url.rstrip("/"), "DOCS_API": docs, "DOCS_FRONTEND": docs}
    return Variables({**fixture.defaults, **where, **fixture.settled, **dict(options.set)})


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments about the server, which running cases and serving for them have in common."""
    parser.add_argument("--fixture", type=Path, default=FIXTURE, help="the state to seed")
    parser.add_argument("--port", type=int, default=_PORT, help="where our own server listens")
    parser.add_argument("--workers", type=int, help="how many API processes our own server has")
    parser.add_argument("--docs-url", help="the documents API, if it is not at the base URL")
    parser.add_argument(
        "--set", type=_pair, action="append", default=[], metavar="NAME=VALUE", help="a variable of the cases"
    )


async def _run(cases: list[Case], fixture: Fixture, variables: Variables, report: Report) -> None:
    hosts = {"api": variables.value("API"), "docs": variables.value("DOCS_API")}
    async with contextlib.AsyncExitStack() as stack:
        asker = await stack.enter_async_context(Asker(hosts, fixture))
        sink = await _listening_sink(stack, variables.value("CALLBACK_SINK"))
        for case in cases:
            report.add(case, await run_case(case, asker, variables, sink))


async def _listening_sink(stack: contextlib.AsyncExitStack, url: str) -> Sink | None:
    try:
        return await stack.enter_async_context(Sink(url))
    except OSError as error:
        print(f"cannot listen for callbacks at {url}: {error}")
        return None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.contract", description=__doc__)
    add_server_arguments(parser)
    parser.add_argument("--base-url", help="a server that is already seeded; else one of our own is started")
    parser.add_argument("--log", type=Path, help="where to put what our own server writes")
    parser.add_argument("--cases", type=Path, default=CASES, help="a folder of *.jsonl files")
    parser.add_argument("--area", action="append", help="only this area; may be repeated")
    parser.add_argument(
        "--tier",
        action="append",
        choices=["contract", "either", "optional"],
        help="only this tier; may be repeated; all if absent, but for a server of yours without the optional one",
    )
    return parser.parse_args()


def _is_wanted(case: Case, options: argparse.Namespace) -> bool:
    usual = ["contract", "either"] if options.base_url else ["contract", "either", "optional"]
    return case.tier in (options.tier or usual) and (not options.area or case.area in options.area)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
