"""Why a file cannot be read as a spreadsheet of recipients."""

from zipfile import BadZipFile

from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError

from pillarbox.recipients.errors import InvalidRecipient

MAX_COLUMNS = 1_000

_MESSAGES = {
    "not-a-spreadsheet": "The file must be a spreadsheet that Notify can read",
    "unreadable": "Notify cannot read this file - try using a different file type",
    "save-as-csv": "Notify cannot read this file - try saving it as a CSV instead",
    "too-many-columns": "Your file has too many columns (Notify can process up to 1,000 columns)",
    "too-many-rows": "Your file has too many rows (Notify can process up to 100,000 rows at once)",
    "too-big": "The file must be smaller than 10MB",
}


class UnreadableSpreadsheet(InvalidRecipient):
    """A file that is no spreadsheet, or none that is read; the codes are the keys of the table above."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _MESSAGES[code])


def code_for(error: Exception) -> str:
    """The code for whatever went wrong while a file was read."""
    if isinstance(error, UnreadableSpreadsheet):
        return error.code
    not_what_it_says = (BadZipFile, CalamineError, InvalidFileException, UnicodeDecodeError)
    return "unreadable" if isinstance(error, not_what_it_says) else "save-as-csv"
