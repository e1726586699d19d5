"""A spreadsheet of recipients: each row checked as it is read, and a summary of all of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pillarbox.recipients.columns import Channel, Columns, Value
from pillarbox.recipients.comparison import format_recipient
from pillarbox.recipients.email_addresses import InvalidEmailAddress, parse_email_address
from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber
from pillarbox.recipients.postal_addresses import PostalAddress
from pillarbox.recipients.row_templates import Problem, RowTemplate
from pillarbox.recipients.spreadsheet_errors import MAX_COLUMNS, UnreadableSpreadsheet

MISSING = "Missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What the service that sends may do, and how much of it today.

    Attributes:
        international_sms: it may send texts to other countries.
        landlines: it may send texts to landlines at home.
        international_letters: it may send letters to other countries.
        check_phone_numbers: phone numbers are looked at; they need not be where they have been before.
        guest_list: the only recipients there may be; no limit if empty.
        remaining_messages: how many messages it may send; no limit if None.
        remaining_international_sms: how many of them as texts to other countries.
        max_rows: rows after that many are counted, but not read.
    """

    international_sms: bool = False
    landlines: bool = False
    international_letters: bool = False
    check_phone_numbers: bool = True
    guest_list: Collection[str] = ()
    remaining_messages: int | None = None
    remaining_international_sms: int | None = None
    max_rows: int = 100_000


@dataclass(slots=True)
class Row:
    """One message of a spreadsheet.

    Attributes:
        number: the row as spreadsheet programs count it; the header is row 1.
        values: all cells by the folded name of their column.
        columns: the columns of the spreadsheet.
        cell_errors: what is wrong with single cells, by the same names.
        address: where a letter goes; None for other messages.
        address_error: why no letter can go there.
        problems: what is wrong with the message made from the row.
        international_text: whether it is a text to another country, Crown dependencies not counted.
    """

    number: int
    values: dict[str, Value]
    columns: Columns
    cell_errors: dict[str, str] = field(default_factory=dict)
    address: PostalAddress | None = None
    address_error: InvalidRecipient | None = None
    problems: Collection[Problem] = ()
    international_text: bool = False

    def cell(self, key: str) -> Value:
        """What stands in a column; of recipients that are there twice, the last."""
        value = self.values.get(key)
        if isinstance(value, list) and key in self.columns.recipient_keys:
            return value[-1]
        return value

    @property
    def recipient(self) -> str | None:
        """Where a text or an email goes; None for letters, or if the row does not say so."""
        if self.columns.channel is Channel.LETTER:
            return None
        value = self.cell(self.columns.recipient_keys[0])
        return value if isinstance(value, str) else None

    @property
    def personalisation(self) -> dict[str, Value]:
        """What is stored with the message: recipient and placeholders, other columns are ignored."""
        wanted = self.columns.wanted_keys
        return {
            key: self.cell(key) if isinstance(value, list) else value
            for key, value in self.values.items()
            if key in wanted
        }

    @property
    def reference(self) -> str | None:
        """The reference that the sender gave the message in a column of that name."""
        value = self.values.get("reference")
        return value if isinstance(value, str) else None

    @property
    def has_missing_data(self) -> bool:
        """Whether a recipient or a value for the template is missing."""
        return MISSING in self.cell_errors.values()

    @property
    def has_bad_recipient(self) -> bool:
        """Whether there is a recipient, but none that messages can go to."""
        if self.address_error:
            return True
        return self.cell_errors.get(self.columns.recipient_keys[0], MISSING) != MISSING

    @property
    def has_error(self) -> bool:
        """Whether no message can be made from the row."""
        return bool(self.cell_errors or self.problems or self.address_error)


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
        check_recipient = _RECIPIENT_CHECKS[self.columns.channel]
        readable = islice(below, self._permissions.max_rows)
        for number, cells in enumerate(readable, start=2):
            row = Row(number, self.columns.values(cells), self.columns)
            row.cell_errors = {key: MISSING for key in self.columns.required_keys if row.values[key] is None}
            check_recipient(row, self._permissions)
            row.problems = self._template.check(row.personalisation)
            yield row


def _bounded(header: Sequence[str]) -> Sequence[str]:
    """The header without blank cells far out, which would cost time in every row."""
    if any(header[MAX_COLUMNS:]):
        raise UnreadableSpreadsheet("too-many-columns")
    return header[:MAX_COLUMNS]


def _check_phone_number(row: Row, permissions: Permissions) -> None:
    recipient = row.recipient
    if recipient is None:
        return
    try:
        number = PhoneNumber.parse(recipient)
        row.international_text = not number.is_uk_prefix
        number.check_permissions(
            international_sms=permissions.international_sms, landlines=permissions.landlines
        )
    except InvalidPhoneNumber as error:
        if permissions.check_phone_numbers:
            row.cell_errors[row.columns.recipient_keys[0]] = error.message


def _check_email_address(row: Row, _permissions: Permissions) -> None:
    recipient = row.recipient
    if recipient is None:
        return
    try:
        parse_email_address(recipient)
    except InvalidEmailAddress as error:
        row.cell_errors[row.columns.recipient_keys[0]] = error.message


def _check_postal_address(row: Row, permissions: Permissions) -> None:
    lines = {name: row.cell(key) for key, name in _ADDRESS_NAMES.items() if key in row.values}
    row.address = PostalAddress.from_personalisation(lines)
    row.address_error = row.address.error(international_letters=permissions.international_letters)


_ADDRESS_NAMES = {
    **{f"addressline{number}": f"address_line_{number}" for number in range(1, 8)},
    "postcode": "postcode",
}

_RECIPIENT_CHECKS: dict[Channel, Callable[[Row, Permissions], None]] = {
    Channel.TEXT: _check_phone_number,
    Channel.EMAIL: _check_email_address,
    Channel.LETTER: _check_postal_address,
}
