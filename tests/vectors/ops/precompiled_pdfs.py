"""Checks of letters that arrive as PDFs."""

from base64 import b64decode
from typing import Any

from pillarbox.letters.inspection import inspect_pages
from pillarbox.letters.precompiled import check_attachment, check_letter


def sanitise_precompiled_pdf(case: dict[str, Any]) -> dict[str, Any]:
    pdf = b64decode(case["file_base64"])
    if case["is_an_attachment"]:
        finding = check_attachment(pdf, inspect=inspect_pages)
    else:
        finding = check_letter(pdf, international=case["allow_international_letters"], inspect=inspect_pages)
    return {
        "message": finding.problem,
        "page_count": finding.page_count,
        "invalid_pages": None if finding.invalid_pages is None else list(finding.invalid_pages),
        "recipient_address": finding.address and "\n".join(finding.address.normalised_lines),
    }


OPS = {"sanitise_precompiled_pdf": sanitise_precompiled_pdf}
