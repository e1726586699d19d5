"""Reading requests: the JSON body, ids in the path, arguments of the query."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from starlette.requests import Request

from pillarbox.api.bodies import read_body
from pillarbox.api.errors import bad_request, invalid
from pillarbox.api.schemas import Wrong, one_of
from pillarbox.api.uuids import as_uuid

_INVALID_JSON = "Invalid JSON supplied in POST data"
_DEEPEST = 100  # values within values


async def read_json(request: Request) -> object:
    """Return the body as JSON, whatever the content type says.

    Raises:
        ApiError: 400 `Invalid JSON supplied in POST data`.
    """
    body = await read_body(request)
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError) as error:
        raise bad_request(_INVALID_JSON) from error
    if body.count(b"[") + body.count(b"{") > _DEEPEST and _is_deep(value):
        raise bad_request(_INVALID_JSON)
    return value


def _is_deep(value: object) -> bool:
    """Whether values are nested so deeply that somebody who reads them later could run out of stack."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _within(outer) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _within(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


async def read_json_or_nothing(request: Request) -> object:
    """Return the body as JSON; no body at all is an empty object.

    Raises:
        ApiError: 400 `Invalid JSON supplied in POST data`.
    """
    return await read_json(request) if await read_body(request) else {}


def path_uuid(request: Request, parameter: str, shown_as: str) -> UUID:
    """Return the UUID in the path.

    Raises:
        ApiError: 400 `{shown_as} is not a valid UUID`.
    """
    found = as_uuid(request.path_params[parameter])
    if found is None:
        raise invalid(f"{shown_as} is not a valid UUID")
    return found


class Query:
    """The arguments of a query, every mistake in them kept for one answer."""

    def __init__(self, request: Request) -> None:
        self._arguments = request.query_params
        self._known: list[str] = []
        self._wrong: list[str] = []

    def text(self, name: str) -> str | None:
        """The first value of an argument."""
        self._known.append(name)
        values = self._arguments.getlist(name)
        return values[0] if values else None

    def uuid(self, name: str) -> UUID | None:
        """The first value, which must be a UUID."""
        value = self.text(name)
        found = None if value is None else as_uuid(value)
        if value is not None and found is None:
            self._wrong.append(f"{name} is not a valid UUID")
        return found

    def choice(self, name: str, options: tuple[str, ...]) -> str | None:
        """The first value, which must be one of a few."""
        value = self.text(name)
        return None if value is None else self._checked(name, value, options)

    def choices(self, name: str, options: tuple[str, ...]) -> Sequence[str]:
        """All values, each of which must be one of a few."""
        self._known.append(name)
        return [self._checked(name, value, options) for value in self._arguments.getlist(name)]

    def done(self) -> None:
        """See whether all was well.

        Raises:
            ApiError: 400 with every mistake; arguments nobody asked for come last.
        """
        extra = sorted({name for name in self._arguments if name not in self._known})
        if extra:
            verb = "was" if len(extra) == 1 else "were"
            self._wrong.append(
                f"Additional properties are not allowed ({', '.join(extra)} {verb} unexpected)"
            )
        if self._wrong:
            raise invalid(*dict.fromkeys(message.replace("'", "") for message in self._wrong))

    def _checked(self, name: str, value: str, options: tuple[str, ...]) -> str:
        try:
            return one_of(options)(value)
        except Wrong as wrong:
            self._wrong.append(f"{name} {wrong}")
            return value
