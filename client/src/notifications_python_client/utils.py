"""Files for emails: what `prepare_upload` makes goes into the personalisation (contract, section 12)."""

from __future__ import annotations

import base64
from typing import IO, Any, Dict, Optional, Union

DOCUMENT_UPLOAD_SIZE_LIMIT = 2 * 1024 * 1024


def prepare_upload(
    f: IO[bytes],
    filename: Union[str, bool, None] = None,
    confirm_email_before_download: Optional[bool] = None,
    retention_period: Optional[str] = None,
    *,
    is_csv: Optional[bool] = None,
) -> Dict[str, Any]:
    """Make a personalisation value that sends a file by email.

    Args:
        f: the file, open for reading bytes.
        filename: the name to download it under, with its extension. Older programs pass `is_csv` here.
        confirm_email_before_download: whether the reader must give the address first (default: yes).
        retention_period: how long it is kept, such as `"4 weeks"`; the server's default is 26 weeks.
        is_csv: for programs written for clients 5.6 to 8.2: the result then has `is_csv` and no `filename`.

    Returns:
        The value to put under the placeholder's name. What is wrong with it is left to the server to say.

    Raises:
        ValueError: the file is larger than 2 MiB.
    """
    content = f.read()
    if len(content) > DOCUMENT_UPLOAD_SIZE_LIMIT:
        raise ValueError("File is larger than 2MB")
    if isinstance(filename, bool):
        filename, is_csv = None, filename
    naming: Dict[str, Any] = {"filename": filename} if is_csv is None else {"is_csv": is_csv}
    return {
        "file": base64.b64encode(content).decode("ascii"),
        **naming,
        "confirm_email_before_download": confirm_email_before_download,
        "retention_period": retention_period,
    }
