"""Looking at a PDF in a process of its own, which may die of it without harm to ours.

PDFs come from outside, the libraries that draw them are large and run native code, and a few hundred
bytes can ask for hours of drawing. The process gets the file, a limit on time and memory, and nothing
else: no environment, no arguments that matter to anybody.
"""

import json
import os
import resource
import subprocess
import sys

from pillarbox.letters.inspection import Inspection, Kind, inspect_pages
from pillarbox.letters.problems import Problem

_CPU_SECONDS = 20
_WALL_SECONDS = 60
_MEMORY_BYTES = 1024 * 1024 * 1024
_GAVE_UP = 3


class CannotInspect(Exception):  # noqa: N818 - says what we failed to do
    """Our own installation is broken; the message is what the process wrote."""


def inspect_apart(pdf: bytes, kind: Kind) -> Inspection:
    """Look at the pages of a PDF from outside, for at most a minute and within a gigabyte.

    Args:
        pdf: the file, of any content.
        kind: whether the first page is one with an address.

    Returns:
        What `inspect_pages` would; a file that needs more time or memory, or crashes the libraries, is
        unreadable.

    Raises:
        CannotInspect: the process did not get as far as the file, which is then not to blame.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module, run by our own interpreter
            [sys.executable, "-P", "-m", "pillarbox.letters.apart", kind],
            input=pdf,
            capture_output=True,
            timeout=_WALL_SECONDS,
            check=False,
            env={name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
        )
    except subprocess.TimeoutExpired:
        return Inspection(Problem.UNREADABLE, None)
    if done.returncode == 0:
        return _from_json(done.stdout)
    if done.returncode == _GAVE_UP or done.returncode < 0:
        return Inspection(Problem.UNREADABLE, None)
    raise CannotInspect(done.stderr.decode(errors="replace")[-2000:])


def _from_json(answer: bytes) -> Inspection:
    problem, page_count, pages, text = json.loads(answer)
    return Inspection(problem and Problem(problem), page_count, pages and tuple(pages), text)


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        seen = inspect_pages(sys.stdin.buffer.read(), Kind(sys.argv[1]))
    except Exception:  # noqa: BLE001 - whatever it was, this file brought it about
        sys.exit(_GAVE_UP)
    json.dump([seen.problem, seen.page_count, seen.invalid_pages, seen.address_text], sys.stdout)


if __name__ == "__main__":
    _main()
