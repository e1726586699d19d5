"""What a request finds prepared for it: the tables, the operator's settings, room for more headers.

Starlette's `request.state` is a view of the same dictionary, but untyped, and made anew each time it is asked for.
"""

from starlette.requests import HTTPConnection

from pillarbox.api.config import ApiConfig
from pillarbox.store.store import Store


def store_of(request: HTTPConnection) -> Store:
    """Return the tables."""
    store: Store = request.scope["state"]["store"]
    return store


def config_of(request: HTTPConnection) -> ApiConfig:
    """Return what the operator has set."""
    config: ApiConfig = request.scope["state"]["config"]
    return config


def base_url(request: HTTPConnection) -> str:
    """Return the base URL that callers know: the public one if it is set, else that of the request."""
    host = header(request, b"host")
    return (
        config_of(request).api_url or f"{request.scope['scheme']}://{'localhost' if host is None else host}"
    )


def header(request: HTTPConnection, name: bytes) -> str | None:
    """Return the first header of this name, which is in lower case."""
    for given, value in request.scope["headers"]:
        if given == name:
            return str(value, "latin-1")
    return None


def more_headers(request: HTTPConnection) -> list[tuple[bytes, bytes]]:
    """Return the headers that the answer will have, whatever it is; more can be put there."""
    headers: list[tuple[bytes, bytes]] = request.scope["state"]["headers"]
    return headers
