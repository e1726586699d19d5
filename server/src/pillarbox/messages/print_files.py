"""How letters are handed to the printer: folders, file names and sheets of paper."""

from datetime import UTC, datetime

from pillarbox.messages.letter_times import collection_day
from pillarbox.messages.postage import POST_CLASSES, Postage

PAGES_PER_SHEET = 2


def folder(created_at: datetime) -> str:
    """The folder of a letter, named for the day of its collection, with a slash at its end."""
    return f"{collection_day(created_at):%Y-%m-%d}/"


def file_name(reference: str, created_at: datetime, postage: str) -> str:
    """The name of a letter's file.

    Raises:
        ValueError: there is no such postage.

    Contract: content rules, section 10, "Print-run folder and file name".
    """
    post = POST_CLASSES[Postage(postage)]
    stamp = created_at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    return f"NOTIFY.{reference.upper()}.D.{post.file_code}.C.{stamp}.PDF"


def sheets(pages: int) -> int:
    """How many sheets of paper so many pages take, printed on both sides: what letters are billed by."""
    return -(-pages // PAGES_PER_SHEET)
