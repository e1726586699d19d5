"""How the recorded cases about uploaded files are asked of our packages."""

from base64 import b64decode
from pathlib import PurePath
from typing import Any

from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet
from pillarbox.recipients.spreadsheets import as_csv

# The recordings name what went wrong inside; ours says which kind of file could not be read.
_RECORDED_CAUSES = {
    ("unreadable", ".csv"): "UnicodeDecodeError",
    ("unreadable", ".tsv"): "UnicodeDecodeError",
    ("unreadable", ".xlsx"): "BadZipFile",
    ("unreadable", ".xlsm"): "BadZipFile",
    ("unreadable", ".ods"): "BadZipFile",
    ("unreadable", ".xls"): "XLRDError",
}
_RECORDED_LIMITS = {"too-many-rows": "TooManyRowsError", "too-many-columns": "TooManyColumnsError"}


def _spreadsheet_to_csv(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"csv": as_csv(asked["filename"], b64decode(asked["file_base64"]))}
    except UnreadableSpreadsheet as error:
        kind = PurePath(asked["filename"]).suffix.lower()
        cause = _RECORDED_CAUSES.get((error.code, kind)) or _RECORDED_LIMITS.get(error.code)
        return {"user_error": error.message, **({"exception": cause} if cause else {})}


OPS = {"spreadsheet_to_csv": _spreadsheet_to_csv}
