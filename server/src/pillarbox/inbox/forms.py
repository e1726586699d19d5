"""What people fill in on the inbox's pages."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from pillarbox.inbox.answers import BadRequestError

Form = TypeVar("Form")

_MOST_FIELDS = 50
_IN_WORDS = {
    "`int`": "a whole number",
    "`int | null`": "a whole number",
    "`float`": "a number",
    "`float | null`": "a number",
    ", got `str`": "",
}


async def filled_in(request: Request) -> dict[str, str]:
    """Return what was filled in; what was left empty is left out.

    Raises:
        BadRequestError: it is no form.
    """
    try:
        pairs = parse_qsl((await request.body()).decode(), max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise BadRequestError("This is no form of the inbox’s.") from error
    return {name: value.strip() for name, value in pairs if value.strip()}


def converted(fields: Mapping[str, str], form: type[Form], labels: Mapping[str, str]) -> Form:
    """Return what the fields say; `labels` are what people see beside them.

    Raises:
        BadRequestError: one holds what it cannot mean.
    """
    try:
        return msgspec.convert(dict(fields), form, strict=False)
    except msgspec.ValidationError as error:
        reason, _, name = str(error).partition(" - at `$.")
        for written, words in _IN_WORDS.items():
            reason = reason.replace(written, words)
        label = labels.get(name.rstrip("`"))
        raise BadRequestError(f"{label}: {reason}" if label else str(error)) from error
