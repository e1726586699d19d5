"""The tutorial works: a newcomer who types what it shows sees what it shows.

What only makes sense on a machine of one's own is read differently: `make run` and `pillarbox up` get a port and a
directory of the test's, its key takes the place of the demo service's key that the text shows, and cloning and
changing directories are left out.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.documents import Command, Program, steps
from tests.support.pillarbox import COMMAND, environment

pytestmark = pytest.mark.acceptance

ROOT = Path(__file__).parents[2]
TUTORIALS = [
    *sorted((ROOT / "docs" / "tutorial").glob("*.md")),
    ROOT / "docs" / "how-to" / "rehearse-failures.md",
]
STARTS = re.compile(r"^(make run|(\S*/)?pillarbox up)\b")
LEFT_OUT = re.compile(r"^(git clone|cd|sudo|apt(-get)?)\b")


class Reader:
    """Somebody who follows a document, with a running Pillarbox at hand."""

    def __init__(self, pillarbox):
        self.pillarbox = pillarbox
        self.names = {"__name__": "tutorial"}

    def follow(self, step):
        if isinstance(step, Program):
            self.run_python(self.as_here(step.source))
        elif STARTS.match(step.line):
            self.compare(step, self.pillarbox.welcome)
        elif not LEFT_OUT.match(step.line):
            self.compare(step, run(["bash", "-ec", self.as_here(step.line)]))

    def as_here(self, text):
        """The text with this Pillarbox's address and keys."""
        text = re.sub(r"http://(127\.0\.0\.1|localhost):6011", self.pillarbox.base, text)
        return re.sub(r"demo_(test|team|live)-[^\s\"']+", lambda found: self.pillarbox.key(found[1]), text)

    def run_python(self, source):
        """Each block goes on where the one before ended."""
        exec(compile(source, "tutorial", "exec"), self.names)

    def compare(self, step, printed):
        here = Command(step.line, self.as_here(step.output))
        assert here.is_fulfilled_by(printed), (
            f"$ {step.line}\nshould print\n{here.output}\nbut printed\n{printed}"
        )


def run(command):
    path = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        command, env=environment(PATH=path), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.stem)
def test_a_newcomer_sees_what_the_tutorial_shows(pillarbox, tutorial):
    found = list(steps(tutorial))
    assert found, f"{tutorial.name} shows nothing to do: mark its blocks console or python"
    reader = Reader(pillarbox)
    for step in found:
        reader.follow(step)


@pytest.mark.parametrize(
    ("shown", "printed", "fulfilled"),
    [
        ("", "anything\n", True),
        ("ready http://x\n", "ready http://x\n", True),
        ("ready …\n", "starting\nready http://x\nmore\n", True),
        ("one\ntwo\n", "one\nbetween\n  two\n", True),
        ("two\none\n", "one\ntwo\n", False),
        ("one\n", "none of it\nzwei\n", False),
        ("three\n", "one\ntwo\n", False),
        ('{"a": 1, …}\n', '{"a": 1, "b": 2}\n', True),
    ],
)
def test_output_may_leave_out_but_not_differ(shown, printed, fulfilled):
    assert Command("x", shown).is_fulfilled_by(printed) is fulfilled


def test_commands_and_programs_are_found_in_order(tmp_path):
    page = tmp_path / "page.md"
    blocks = "```console\n$ make run\nready …\n$ curl \\\n    -s x\n```\n\n```python\nprint(1)\n```\n"
    page.write_text(f"# Start\n\n{blocks}\n```json\n{{}}\n```\n")
    assert list(steps(page)) == [
        Command("make run", "ready …\n"),
        Command("curl -s x", ""),
        Program("print(1)\n"),
    ]
