"""Reading a CSV file of recipients: a message for each row."""

from __future__ import annotations

import csv
from typing import Any, Dict, Iterator, List, Mapping, TextIO, Tuple

RECIPIENT_FIELDS = {"sms": "phone_number", "email": "email_address"}
ADDRESS_FIELDS = frozenset([*(f"address_line_{n}" for n in range(1, 8)), "postcode"])


def messages_from(
    file: TextIO, channel: str, template_id: str, reference_column: str = ""
) -> Tuple[List[int], List[Dict[str, Any]]]:
    """Make messages from a file whose columns are the recipient and the template's placeholders.

    Args:
        file: the CSV, open for reading text; its first row names the columns.
        channel: `sms`, `email` or `letter`; says what the recipient's column is: `phone number`,
            `email address`, or `address line 1` and so on. Case, spaces, underscores and hyphens do not matter.
        template_id: the template for all.
        reference_column: a column to take the messages' references from.

    Returns:
        The rows' lines in the file, and their messages as `send_many` takes them. Rows without any value are
        left out.

    Raises:
        ValueError: a column is missing.
    """
    reader = csv.DictReader(file, restkey="")
    columns = list(reader.fieldnames or ())
    for wanted in filter(None, [RECIPIENT_FIELDS.get(channel), reference_column]):
        if not any(_plain(wanted) == _plain(column) for column in columns):
            raise ValueError(f"The file has no column “{wanted.replace('_', ' ')}”")
    rows = list(_filled(reader))
    messages = [_message(row, channel, template_id, reference_column) for _, row in rows]
    return [number for number, _ in rows], messages


def _filled(reader: csv.DictReader[str]) -> Iterator[Tuple[int, Mapping[str, str]]]:
    for row in reader:
        # Cells beyond the named columns stand under the empty name; there is nothing to put them in.
        named = {name: value or "" for name, value in row.items() if name}
        if any(value.strip() for value in named.values()):
            yield reader.line_num, named


def _message(row: Mapping[str, str], channel: str, template_id: str, reference_column: str) -> Dict[str, Any]:
    message: Dict[str, Any] = {"template_id": template_id}
    personalisation: Dict[str, str] = {}
    for column, value in row.items():
        if _plain(column) == _plain(RECIPIENT_FIELDS.get(channel, "")):
            message[RECIPIENT_FIELDS[channel]] = value
        elif reference_column and _plain(column) == _plain(reference_column):
            message["reference"] = value
        else:
            personalisation[_address_field(column) if channel == "letter" else column] = value
    message["personalisation"] = personalisation
    return message


def _plain(column: str) -> str:
    return "".join(c for c in column.lower() if c not in " _-\ufeff\t")


def _address_field(column: str) -> str:
    # The API knows address lines in one spelling only.
    plain = {_plain(field): field for field in ADDRESS_FIELDS}
    return plain.get(_plain(column), column)
