"""One case from its first step to its last."""

import asyncio
import time
from collections.abc import Iterator

import aiohttp

from tests.contract.asking import Answer, Asker
from tests.contract.cases_file import Case, Json, Step
from tests.contract.matching import Matching
from tests.contract.sink import Sink
from tests.contract.variables import CannotSave, UnknownVariable, Variables

_BETWEEN_POLLS = 0.2


async def run_case(case: Case, asker: Asker, variables: Variables, sink: Sink | None) -> list[str]:
    """Run a case against a server.

    Args:
        case: what to run.
        asker: sends the requests.
        variables: those of all cases; the case gets its own copy.
        sink: receives callbacks, if anybody does.

    Returns:
        What differs from the case's expectations; empty for a pass. A step that fails ends the case.
    """
    own = variables.for_case()
    for number, step in enumerate(case.steps, start=1):
        try:
            found = await _run_step(step, asker, own, sink)
        except (aiohttp.ClientError, TimeoutError) as error:
            found = [f"no answer: {error!r}"]
        except (UnknownVariable, CannotSave, KeyError) as error:
            found = [f"{type(error).__name__}: {error}"]
        if found:
            last = number == len(case.steps)
            return found if last else [f"in step {number}: {difference}" for difference in found]
    return []


async def _run_step(step: Step, asker: Asker, variables: Variables, sink: Sink | None) -> list[str]:
    await asyncio.sleep(step.wait_seconds)
    if step.request is None:
        return []
    answer, found = await _ask_until_right(step, asker, variables)
    if found:
        return found
    if step.save:
        variables.save(step.save, answer.json)
    if "callback" in step.expect:
        difference = await _callback_difference(step.expect["callback"], variables, sink)
        return [difference] if difference else []
    return []


async def _callback_difference(expected: Json, variables: Variables, sink: Sink | None) -> str | None:
    if sink is None:
        return "callback: nobody listens for callbacks"
    return await sink.difference(expected, variables)


async def _ask_until_right(step: Step, asker: Asker, variables: Variables) -> tuple[Answer, list[str]]:
    assert step.request is not None
    until = time.monotonic() + step.expect.get("poll_seconds", 0)
    while True:
        answer = await asker.ask(step.request, variables)
        found = list(differences(step.expect, answer, variables))
        if not found or time.monotonic() >= until:
            return answer, found
        await asyncio.sleep(_BETWEEN_POLLS)


def differences(expect: dict[str, Json], answer: Answer, variables: Variables) -> Iterator[str]:
    """What differs between an answer and an `expect`, callbacks aside."""
    statuses = expect["status"] if isinstance(expect["status"], list) else [expect["status"]]
    if answer.status not in statuses:
        yield f"status: expected {expect['status']}, got {answer.status} {answer.text[:300]}"
        return
    exact = Matching(variables)
    for name, value in expect.get("headers", {}).items():
        yield from exact.differences(value, answer.headers.get(name), f"header {name}")
    if "body" in expect and answer.text != variables.text(expect["body"]):
        yield f"body: expected {variables.text(expect['body'])[:300]!r}, got {answer.text[:300]!r}"
    if "body_prefix" in expect and not answer.text.startswith(variables.text(expect["body_prefix"])):
        yield f"body: expected to begin with {expect['body_prefix']!r}, got {answer.text[:80]!r}"
    if "json" in expect:
        yield from _json_differences(expect, answer, variables)


def _json_differences(expect: dict[str, Json], answer: Answer, variables: Variables) -> Iterator[str]:
    try:
        actual = answer.json
    except ValueError:
        yield f"body: expected JSON, got {answer.text[:300]!r}"
        return
    yield from Matching(variables, subset=expect.get("match") == "subset").differences(expect["json"], actual)
