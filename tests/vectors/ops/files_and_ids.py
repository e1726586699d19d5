"""How the recorded cases for files, ids and postage are asked of `messages` and `documents`."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from pillarbox.documents.confirmation import confirmation_address
from pillarbox.messages import file_requests, file_types, postage, short_ids
from tests.vectors.cases import Op, Rejected


def _extension(given: dict[str, Any]) -> dict[str, Any]:
    kind = file_types.by_extension(given["extension"])
    return {
        "allowed": kind is not None,
        "mime_type": kind.mime_type if kind else None,
        "pretty": kind.description if kind else None,
    }


def _mime_type(given: dict[str, Any]) -> dict[str, Any]:
    kind = file_types.by_mime_type(given["mime_type"])
    return {"allowed": kind is not None, "extension": kind.extension if kind else None}


def _or_rejected(answer: Callable[[Any], Any], argument: str) -> Op:
    def op(given: dict[str, Any]) -> Any:
        try:
            return answer(given[argument])
        except ValueError as error:
            raise Rejected(str(error)) from error

    return op


OPS: dict[str, Op] = {
    "admin_postage_error": lambda given: postage.template_postage_error(given["value"]),
    "base64_to_uuid": _or_rejected(lambda short: str(short_ids.lengthen(short)), "base64"),
    "document_confirmation_email": _or_rejected(confirmation_address, "email"),
    "document_filename": _or_rejected(file_requests.check_filename, "filename"),
    "document_retention": _or_rejected(file_requests.parse_retention, "retention_period"),
    "file_extension": _extension,
    "mime_type": _mime_type,
    "uuid_to_base64": lambda given: short_ids.shorten(UUID(given["uuid"])),
    "v2_file_confirm_email_error": lambda given: file_requests.flag_error(
        "confirm_email_before_download", given["value"]
    ),
    "v2_file_filename_error": lambda given: file_requests.filename_error(given["value"]),
    "v2_file_is_csv_error": lambda given: file_requests.flag_error("is_csv", given["value"]),
    "v2_file_retention_period_error": lambda given: file_requests.retention_error(given["value"]),
    "v2_postage_error": lambda given: postage.request_postage_error(given["value"]),
}
