"""The rows of a spreadsheet of recipients: one message each, and what is wrong with it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from pillarbox.recipients.columns import Channel, Columns, Value
from pillarbox.recipients.email_addresses import InvalidEmailAddress, parse_email_address
from pillarbox.recipients.errors import InvalidRecipient
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber
from pillarbox.recipients.postal_addresses import PostalAddress
from pillarbox.recipients.row_templates import Problem


class MissingValue(InvalidRecipient):
    """A cell is blank that must not be: the recipient, or a value for the template."""

    def __init__(self) -> None:
        super().__init__("missing", "Missing")


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
    cell_errors: dict[str, InvalidRecipient] = field(default_factory=dict)
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
        return any(isinstance(error, MissingValue) for error in self.cell_errors.values())

    @property
    def has_bad_recipient(self) -> bool:
        """Whether there is a recipient, but none that messages can go to."""
        error = self.address_error or self.cell_errors.get(self.columns.recipient_keys[0])
        return error is not None and not isinstance(error, MissingValue)

    @property
    def has_error(self) -> bool:
        """Whether no message can be made from the row."""
        return bool(self.cell_errors or self.problems or self.address_error)


def check_recipient(row: Row, permissions: Permissions) -> None:
    """Note in a row whether its message can go where it says, if it says so."""
    _RECIPIENT_CHECKS[row.columns.channel](row, permissions)


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
            row.cell_errors[row.columns.recipient_keys[0]] = error.with_traceback(None)


def _check_email_address(row: Row, _permissions: Permissions) -> None:
    recipient = row.recipient
    if recipient is None:
        return
    try:
        parse_email_address(recipient)
    except InvalidEmailAddress as error:
        row.cell_errors[row.columns.recipient_keys[0]] = error.with_traceback(None)


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
