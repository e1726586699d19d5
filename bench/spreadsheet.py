"""One reading of a CSV of texts, in a process of its own: `python -m bench.spreadsheet FILE`.

Prints the seconds it took and the megabytes that the process grew by at its largest, as JSON.
"""

import json
import sys
import time
from pathlib import Path

from pillarbox.content.texts import TextTemplate
from pillarbox.recipients.row_templates import TextRows
from pillarbox.recipients.spreadsheets import read_spreadsheet
from pillarbox.recipients.tables import RecipientTable

ROWS = 100_000
HEADER = "phone number,first name,date,place"
TEMPLATE = (
    "Dear ((first name)), your appointment on ((date)) at ((place)) is booked. Please bring your papers, "
    "and come ten minutes early. Call 020 7946 0000 to change it."
)


def write_example(path: Path) -> None:
    """A file of texts, each row different: numbers, names, dates."""
    lines = (f"07700 9{n:05},Person {n},{1 + n % 28} March 2026,Town Hall {n % 50}" for n in range(ROWS))
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")


def _megabytes(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def main(path: Path) -> None:
    before = _megabytes("VmRSS")
    start = time.perf_counter()
    template = TextRows(TextTemplate(TEMPLATE), "Ministry of Fun")
    summary = RecipientTable(read_spreadsheet(path.name, path.read_bytes()), template).summary()
    seconds = time.perf_counter() - start
    if summary.row_count != ROWS or summary.has_errors:
        raise SystemExit(f"{summary.row_count} rows, {summary.rows_with_errors} of them wrong")
    print(json.dumps({"seconds": seconds, "megabytes": _megabytes("VmHWM") - before}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
