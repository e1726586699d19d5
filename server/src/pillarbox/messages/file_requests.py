"""What a request may say about a file that it sends by email."""

import re
from typing import Any

from pillarbox.messages.file_types import by_extension, unsupported_message

DEFAULT_RETENTION_WEEKS = 26
MAXIMUM_RETENTION_WEEKS = 78
MAXIMUM_FILENAME_LENGTH = 100
MAXIMUM_FILE_SIZE = 2 * 1024 * 1024 + 1024

BOTH_CSV_AND_FILENAME = "Do not set a value for `is_csv` if `filename` is set."
FILENAME_WITHOUT_EXTENSION = "`filename` must end with a file extension. For example, filename.csv"

# Two digits are enough for every allowed number, but leading zeros always were allowed.
_RETENTION = re.compile(r"0{0,97}(\d{1,3}) weeks?")


class FileRequestError(ValueError):
    """Something that a request says about a file cannot be."""


def flag_error(name: str, value: Any) -> str | None:
    """What is wrong with ``is_csv`` or ``confirm_email_before_download``; None if nothing is."""
    if value is None or isinstance(value, bool):
        return None
    return f"Unsupported value for {name}: {value}. Use a boolean true or false value."


def retention_error(value: Any) -> str | None:
    """What is wrong with a request's ``retention_period``; None if nothing is, null included."""
    if value is None or retention_weeks(value) is not None:
        return None
    return (
        f"Unsupported value for retention_period: {value}. "
        f"Supported periods are from 1 to {MAXIMUM_RETENTION_WEEKS} weeks."
    )


def retention_weeks(value: Any) -> int | None:
    """The number of weeks that a text such as ``26 weeks`` asks for; None if it is no supported period."""
    found = _RETENTION.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    weeks = int(found[1]) if found else 0
    return weeks if 1 <= weeks <= MAXIMUM_RETENTION_WEEKS else None


def parse_retention(value: Any) -> str:
    """A retention period in the form in which it is stored: ``26 weeks``; without one, the default.

    Raises:
        FileRequestError: it is no supported period.

    Contract: content rules, section 9, "Documents sent by email".
    """
    if value is None:
        return f"{DEFAULT_RETENTION_WEEKS} weeks"
    if retention_weeks(value) is None:
        raise FileRequestError(
            f"Retention period must be a string of the format '<1-{MAXIMUM_RETENTION_WEEKS}> weeks'."
        )
    number, _, _ = value.strip().partition(" ")
    return f"{number} weeks"


def filename_error(value: Any) -> str | None:
    """What is wrong with the form of a request's ``filename``; None if nothing is, null included."""
    if value is None or (isinstance(value, str) and "." in value):
        return None
    return FILENAME_WITHOUT_EXTENSION


def check_filename(name: str) -> str:
    """A file's name, if it is not too long and has the extension of a supported type.

    Raises:
        FileRequestError: the name is not allowed.

    Contract: public API, "In the request".
    """
    if len(name) > MAXIMUM_FILENAME_LENGTH:
        raise FileRequestError(f"`filename` cannot be longer than {MAXIMUM_FILENAME_LENGTH} characters")
    _, dot, extension = name.rpartition(".")
    if not dot:
        raise FileRequestError(FILENAME_WITHOUT_EXTENSION)
    if by_extension(extension) is None:
        raise FileRequestError(unsupported_message(f".{extension.lower()}"))
    return name
