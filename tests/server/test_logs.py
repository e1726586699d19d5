"""Logs: one JSON object a line on standard error, from us and from libraries alike."""

import json
import subprocess
import sys

import pytest

SET_UP = (
    "import logging, structlog\nfrom pillarbox import logs\n"
    "logs.configure({level!r})\nlog = structlog.get_logger()\n"
)


def logged(program, level="info"):
    """The lines that a program logs, in a process of its own, since logging is set up for a whole process."""
    ended = subprocess.run(
        [sys.executable, "-c", SET_UP.format(level=level) + program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ended.stdout == ""
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_a_line_says_what_when_and_how_bad():
    [line] = logged("log.warning('process died', process='work', exit_code=1)")
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "process died", "level": "warning", "process": "work", "exit_code": 1}


def test_lines_carry_what_was_bound_before():
    [line] = logged("structlog.contextvars.bind_contextvars(request_id='a1')\nlog.info('accepted')")
    assert line["request_id"] == "a1"


@pytest.mark.parametrize(("level", "expected"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_level_decides_what_is_logged(level, expected):
    program = "log.debug('a')\nlog.info('b')\nlog.warning('c')\nlog.error('d')"
    assert len(logged(program, level)) == expected


def test_libraries_warn_in_the_same_form():
    [line] = logged("logging.getLogger('psycopg.pool').warning('lost %s', 'a connection')")
    assert (line["event"], line["level"]) == ("lost a connection", "warning")


def test_libraries_do_not_chatter():
    assert logged("logging.getLogger('asyncio').info('hello')", "debug") == []


@pytest.mark.parametrize("logger", ["log", "logging.getLogger('uvicorn.error')"])
def test_a_traceback_is_part_of_its_line(logger):
    [line] = logged(f"try:\n    1 / 0\nexcept ZeroDivisionError:\n    {logger}.exception('broken')")
    assert line["event"] == "broken"
    assert "ZeroDivisionError: division by zero" in line["exception"]
