"""What both clients share: who they are, how a request is put together, what is logged. No I/O."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any, Dict, Iterable, Iterator, Mapping, NamedTuple, Optional, Tuple, Union
from urllib.parse import urljoin, urlsplit

from notifications_python_client._version import __version__
from notifications_python_client.authentication import create_jwt_token
from notifications_python_client.retries import Retries, Tries

GOV_UK_NOTIFY = "https://api.notifications.service.gov.uk"
UUID_LENGTH = 36

Timeout = Union[float, Tuple[float, float], None]


class Outgoing(NamedTuple):
    """A request that is ready but for its token; `key` is there if repeating it is safe."""

    method: str
    url: str
    params: Optional[Mapping[str, Any]]
    body: Optional[str]
    key: Optional[str]

    @property
    def is_send(self) -> bool:
        """Whether this may send a message."""
        return self.method == "POST" and not self.url.endswith("/preview")

    def query_pairs(self) -> Iterator[Tuple[str, str]]:
        """Give the query as requests would write it: a list repeats its name."""
        for name, value in (self.params or {}).items():
            values = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
            for item in values:
                yield name, str(item)

    def __str__(self) -> str:
        # A query may hold a reference that is somebody's name: logs get the path only.
        return f"{self.method} {urlsplit(self.url).path}"


class Answer(NamedTuple):
    """An HTTP answer that was read to its end, where requests is not used; an error's `response`, too."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """Decode the body; `ValueError` if it is not JSON."""
        return json.loads(self.content)


class ClientCore:
    """A service at a base URL, and the rules for its requests.

    Args:
        api_key: `{key name}-{service id}-{secret}`, read from the right.
        base_url: where the API is.
        timeout: seconds, or a pair for connecting and reading.
        retries: see `Retries.of`.

    Raises:
        AssertionError: a part is empty.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = GOV_UK_NOTIFY,
        timeout: Timeout = 30,
        *,
        retries: Union[Retries, bool, int, None] = None,
    ) -> None:
        api_key = api_key or ""
        self.service_id = api_key[-2 * UUID_LENGTH - 1 : -UUID_LENGTH - 1]
        self.api_key = api_key[-UUID_LENGTH:]
        self.base_url = base_url
        self.timeout = timeout
        self.retries = Retries.of(retries)
        _require(self.base_url, "Missing base url")
        _require(self.service_id, "Missing service ID")
        _require(self.api_key, "Missing API key")

    def _outgoing(
        self, method: str, url: str, data: Any, params: Optional[Mapping[str, Any]], key: Optional[str]
    ) -> Outgoing:
        """Join the URL and encode the body; make an idempotency key if a send may be repeated."""
        body = None if data is None else encode(data)
        outgoing = Outgoing(method, _joined(self.base_url, url), params, body, key)
        if key is None and self.retries is not None and outgoing.is_send:
            return outgoing._replace(key=os.urandom(16).hex())
        return outgoing

    def _headers(self, outgoing: Outgoing) -> Dict[str, str]:
        """Give the headers for one try, with a token that is good now."""
        headers = {
            "Content-type": "application/json",
            "Authorization": "Bearer " + create_jwt_token(self.api_key, self.service_id),
            "User-agent": f"NOTIFY-API-PYTHON-CLIENT/{__version__}",
        }
        if outgoing.key is not None:
            headers["Idempotency-Key"] = outgoing.key
        return headers

    def _tries(self, outgoing: Outgoing) -> Tries:
        return Tries(outgoing, self.retries, is_send=outgoing.is_send)


# A client has a few paths.
_joined = lru_cache(maxsize=256)(urljoin)


def encode(data: Any) -> str:
    """Write a body as JSON; sets become lists and UUIDs text."""
    return _ENCODER.encode(data)


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        # Always in the same order: a repetition under the same key must have the same body.
        return sorted(value, key=repr)
    # Few bodies come here, and programs that have no UUIDs start faster without the module.
    from uuid import UUID  # noqa: PLC0415 - see above

    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


_ENCODER = json.JSONEncoder(default=_plain)


def _require(part: str, complaint: str) -> None:
    # Not an assert statement, which vanishes under python -O; the published client raises this class.
    if not part:
        raise AssertionError(complaint)
