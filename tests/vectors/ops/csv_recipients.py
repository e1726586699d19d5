"""How the recorded cases about spreadsheets of recipients are asked of our packages."""

from typing import Any

from pillarbox.content.emails import EmailTemplate
from pillarbox.content.letters import LetterTemplate
from pillarbox.content.texts import TextTemplate
from pillarbox.recipients.columns import ADDRESS_COLUMNS, Channel
from pillarbox.recipients.csv_text import CsvText, UnreadableCsv
from pillarbox.recipients.row_templates import EmailRows, LetterRows, Problem, RowTemplate, TextRows
from pillarbox.recipients.rows import Permissions, Row
from pillarbox.recipients.tables import RecipientTable, Summary
from tests.vectors.cases import Rejected


def _csv(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return _answer(asked)
    except UnreadableCsv as error:
        raise Rejected(error.message, error.code, error.api_message) from error


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    options = asked.get("options", {})
    checked = options.get("should_validate", True)
    table = RecipientTable(
        CsvText.of(asked["csv"]), _template(asked["template"], options), _permissions(options)
    )
    columns = table.columns
    summary = table.summary(
        shown=options.get("max_initial_rows_shown", 10), errors_shown=options.get("max_errors_shown", 20)
    )
    rows = [_row(row, checked=checked) for row in table]
    return {
        "column_headers": list(columns.headers),
        "missing_column_headers": sorted(columns.missing),
        "duplicate_recipient_column_headers": list(columns.duplicate_recipients),
        "has_recipient_columns": columns.has_recipients,
        "row_count": summary.row_count,
        "too_many_rows": summary.too_many_rows,
        "more_rows_than_can_send": summary.more_rows_than_can_send,
        "rows": rows + [None] * (summary.row_count - len(rows)),
        **(_outcome(summary, rows) if checked and not summary.too_many_rows else {}),
    }


def _outcome(summary: Summary, rows: list[dict[str, Any]]) -> dict[str, Any]:
    # The recorded system fell over when it counted texts without a recipient.
    is_text = summary.columns.channel is Channel.TEXT
    uncounted = is_text and any(row["recipient"] is None for row in rows)
    more = summary.more_international_sms_than_can_send
    return {
        "allowed_to_send_to": summary.allowed_to_send_to,
        "international_sms_count": None if uncounted else summary.international_sms_count,
        "more_international_sms_than_can_send": None if uncounted else more,
        "has_errors": summary.has_errors,
        "displayed_rows": [row.number for row in summary.displayed_rows],
    }


def _template(asked: dict[str, Any], options: dict[str, Any]) -> RowTemplate:
    if asked["template_type"] == "sms":
        return TextRows(TextTemplate(asked["content"]), options.get("prefix"))
    if asked["template_type"] == "email":
        return EmailRows(EmailTemplate(asked["subject"], asked["content"]))
    return LetterRows(LetterTemplate(asked["subject"], asked["content"]))


def _permissions(options: dict[str, Any]) -> Permissions:
    return Permissions(
        international_sms=options.get("allow_international_sms", False),
        landlines=options.get("allow_sms_to_uk_landline", False),
        international_letters=options.get("allow_international_letters", False),
        check_phone_numbers=options.get("should_validate_phone_number", True),
        guest_list=options.get("guestlist") or (),
        remaining_messages=options.get("remaining_messages"),
        remaining_international_sms=options.get("remaining_international_sms_messages"),
        max_rows=options.get("max_rows", 100_000),
    )


def _row(row: Row, *, checked: bool) -> dict[str, Any]:
    return {
        "row": row.number,
        "recipient": _recipient(row),
        "personalisation": row.personalisation,
        "cells": {key: _cell(row, key, checked=checked) for key in row.values},
        **(_checks(row) if checked else {}),
    }


def _recipient(row: Row) -> str | list[Any] | None:
    if row.columns.channel is not Channel.LETTER:
        return row.recipient
    return [row.cell(name.replace(" ", "")) for name in ADDRESS_COLUMNS]


def _cell(row: Row, key: str, *, checked: bool) -> dict[str, Any]:
    error = row.cell_errors.get(key)
    return {
        "value": row.cell(key),
        "error": error.message if error and checked else None,
        "ignored": key not in row.columns.wanted_keys,
    }


def _checks(row: Row) -> dict[str, Any]:
    return {
        "has_error": row.has_error,
        "has_bad_recipient": row.has_bad_recipient,
        "has_missing_data": row.has_missing_data,
        "message_too_long": Problem.TOO_LONG in row.problems,
        "message_empty": Problem.EMPTY in row.problems,
        "has_bad_postal_address": row.address_error is not None,
        "qr_code_too_long": Problem.QR_CODE_TOO_LONG in row.problems,
        **({"address_lines": list(row.address.normalised_lines)} if row.address else {}),
    }


OPS = {"csv": _csv}
