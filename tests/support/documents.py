"""The commands and programs that a Markdown document shows, so that tests can do what it says.

Fenced blocks marked `console` hold commands behind `$ `, each with the output that readers should see below it;
`…` stands for whatever it likes. Blocks marked `python` are one program, in order. Others are not looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A line for the shell, and what it should print."""

    line: str
    output: str

    def is_fulfilled_by(self, printed: str) -> bool:
        """Whether each line of the output that the document shows was printed, in this order."""
        left = iter([line.strip() for line in printed.splitlines()])
        shown = [
            re.escape(line.strip()).replace("…", ".*") for line in self.output.splitlines() if line.strip()
        ]
        return all(any(re.fullmatch(pattern, line) for line in left) for pattern in shown)


@dataclass(frozen=True)
class Program:
    """Python, as it is shown."""

    source: str


def steps(document: Path) -> Iterator[Command | Program]:
    """What a document asks its readers to do, from top to bottom."""
    for block in _BLOCK.finditer(document.read_text(encoding="utf-8")):
        language, text = block[1], block[2]
        if language == "python":
            yield Program(text)
        elif language == "console":
            yield from _commands(text)


def _commands(text: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, output = re.sub(r"\\\n\s*", "", part).partition("\n")
        yield Command(line.strip(), output)
