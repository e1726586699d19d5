"""A spreadsheet of recipients: each row checked as it is read, and a summary of all of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pillarbox.recipients.columns import Columns
from pillarbox.recipients.comparison import format_recipient
from pillarbox.recipients.row_templates import RowTemplate
from pillarbox.recipients.rows import MissingValue, Permissions, Row, check_recipient
from pillarbox.recipients.spreadsheet_errors import MAX_COLUMNS, UnreadableSpreadsheet


@dataclass(slots=True)
class Summary:
    """What is known once all rows have been read.

    Attributes:
        columns: the columns of the spreadsheet.
        permissions: what the service may do.
        row_count: the rows below the header, read or not.
        rows_with_errors: how many of those that were read are wrong.
        international_sms_count: how many are texts to other countries.
        allowed_to_send_to: whether all recipients are on the guest list, if there is one.
        first_rows: the first rows, to be shown as an example.
        first_rows_with_errors: the first wrong rows.
    """

    columns: Columns
    permissions: Permissions
    row_count: int = 0
    rows_with_errors: int = 0
    international_sms_count: int = 0
    allowed_to_send_to: bool = True
    first_rows: list[Row] = field(default_factory=list)
    first_rows_with_errors: list[Row] = field(default_factory=list)

    @property
    def too_many_rows(self) -> bool:
        """Whether there are more rows than are read."""
        return self.row_count > self.permissions.max_rows

    @property
    def more_rows_than_can_send(self) -> bool:
        """Whether there are more messages than the service may send today."""
        remaining = self.permissions.remaining_messages
        return remaining is not None and self.row_count > remaining

    @property
    def more_international_sms_than_can_send(self) -> bool:
        """Whether there are more texts to other countries than the service may send today."""
        remaining = self.permissions.remaining_international_sms
        return remaining is not None and self.international_sms_count > max(0, remaining)

    @property
    def has_errors(self) -> bool:
        """Whether anything stands in the way of sending all of it."""
        return bool(
            self.columns.missing
            or self.columns.duplicate_recipients
            or not self.columns.has_recipients
            or self.rows_with_errors
            or self.too_many_rows
            or self.more_rows_than_can_send
            or self.more_international_sms_than_can_send
            or not self.allowed_to_send_to
        )

    @property
    def displayed_rows(self) -> list[Row]:
        """The rows that help most: the wrong ones, unless what is wrong is the header."""
        return (
            self.first_rows
            if self.columns.missing or not self.rows_with_errors
            else self.first_rows_with_errors
        )


class RecipientTable:
    """A spreadsheet of recipients and values, compared with a template.

    Args:
        rows: gives the rows, the header first, anew on every iteration, such as ``CsvText``.
        template: what its columns are compared with and its rows checked against.
        permissions: what the service may do.

    Raises:
        UnreadableCsv: the header cannot be told from what follows.
        UnreadableSpreadsheet: there are too many columns.

    Contract: content rules, section 8.
    """

    def __init__(
        self,
        rows: Iterable[Sequence[str]],
        template: RowTemplate,
        permissions: Permissions | None = None,
    ) -> None:
        self._rows = rows
        self._template = template
        self._permissions = permissions or Permissions()
        header = _bounded(next(iter(rows), []))
        self.columns = Columns(header, template.channel, template.placeholders, islice(rows, 1, None))
        self._guests = frozenset(map(format_recipient, filter(None, self._permissions.guest_list)))

    def __iter__(self) -> Iterator[Row]:
        """The rows, checked one by one while they are read; at most as many as may be.

        Raises:
            UnreadableCsv: the text cannot be taken apart into rows.
        """
        return self._checked(islice(self._rows, 1, None))

    def summary(self, *, shown: int = 10, errors_shown: int = 20) -> Summary:
        """Read all rows and tell what there is to know about them, keeping only those that are shown.

        Args:
            shown: how many rows are shown as an example.
            errors_shown: how many wrong rows are shown.

        Raises:
            UnreadableCsv: the text cannot be taken apart into rows.
        """
        summary = Summary(self.columns, self._permissions)
        below = islice(self._rows, 1, None)
        for row in self._checked(below):
            self._count(row, summary)
            if len(summary.first_rows) < shown:
                summary.first_rows.append(row)
            if row.has_error and len(summary.first_rows_with_errors) < errors_shown:
                summary.first_rows_with_errors.append(row)
        summary.row_count += sum(1 for _ in below)
        return summary

    def _count(self, row: Row, summary: Summary) -> None:
        summary.row_count += 1
        summary.rows_with_errors += row.has_error
        summary.international_sms_count += row.international_text
        if self._guests and row.recipient is not None:
            summary.allowed_to_send_to &= format_recipient(row.recipient) in self._guests

    def _checked(self, below: Iterator[Sequence[str]]) -> Iterator[Row]:
        readable = islice(below, self._permissions.max_rows)
        for number, cells in enumerate(readable, start=2):
            row = Row(number, self.columns.values(cells), self.columns)
            row.cell_errors = {
                key: MissingValue() for key in self.columns.required_keys if row.values.get(key) is None
            }
            check_recipient(row, self._permissions)
            row.problems = self._template.check(row.personalisation)
            yield row


def _bounded(header: Sequence[str]) -> Sequence[str]:
    """The header without blank cells far out, which would cost time in every row."""
    if any(header[MAX_COLUMNS:]):
        raise UnreadableSpreadsheet("too-many-columns")
    return header[:MAX_COLUMNS]
