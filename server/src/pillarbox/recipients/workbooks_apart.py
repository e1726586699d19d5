"""Reading a workbook in a process of its own, which may die of it without harm to ours.

Workbooks come from outside, and the library that reads the older kinds ends the whole process when a few wrong
bytes ask it for terabytes of memory. The process gets the file and limits on time and memory.
"""

import csv
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from io import TextIOWrapper

from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet, code_for
from pillarbox.recipients.workbooks import Rows, excel_rows, old_excel_rows, open_document_rows

_CPU_SECONDS = 60
_WALL_SECONDS = 120
_MEMORY_BYTES = 1024 * 1024 * 1024
_MAX_TEXT_BYTES = 64 * 1024 * 1024
_REFUSED = 3

READERS: dict[str, Callable[[bytes], Rows]] = {
    ".xlsx": excel_rows,
    ".xlsm": excel_rows,
    ".xls": old_excel_rows,
    ".ods": open_document_rows,
}


class CannotReadWorkbooks(Exception):  # noqa: N818 - says what our installation fails to do
    """Our own installation is broken; the message is what the process wrote."""


def workbook_as_csv(kind: str, data: bytes) -> bytes:
    """A workbook as comma-separated text in UTF-8.

    Args:
        kind: one of READERS.
        data: the file, of any content.

    Raises:
        UnreadableSpreadsheet: it is broken, too large, or needs too much time or memory.
        CannotReadWorkbooks: the process did not get as far as the file, which is then not to blame.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module, run by our own interpreter
            [sys.executable, "-P", "-m", __name__, kind],
            input=data,
            capture_output=True,
            timeout=_WALL_SECONDS,
            check=False,
            env={name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableSpreadsheet("save-as-csv") from error
    if done.returncode < 0:
        raise UnreadableSpreadsheet("save-as-csv")
    if done.returncode == _REFUSED:
        raise UnreadableSpreadsheet(done.stderr.decode().split()[-1])
    if done.returncode:
        raise CannotReadWorkbooks(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="") as text:
            _write(READERS[sys.argv[1]](sys.stdin.buffer.read()), text)
    except Exception as error:  # noqa: BLE001 - what the libraries raise on broken files is no fixed set
        print(code_for(error), file=sys.stderr)  # noqa: T201 - the answer to the process that asked
        sys.exit(_REFUSED)


def _write(rows: Rows, text: TextIOWrapper) -> None:
    writer = csv.writer(text)
    written = 0
    for row in rows:
        written += writer.writerow(row)
        if written > _MAX_TEXT_BYTES:
            raise UnreadableSpreadsheet("save-as-csv")


if __name__ == "__main__":
    _main()
