"""The client's HTTP side, with requests: one session, a token for each try, errors told apart."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, TypeVar, Union

import requests
from requests.utils import get_environ_proxies

from notifications_python_client._core import GOV_UK_NOTIFY, Answer, ClientCore, Outgoing, Timeout
from notifications_python_client.errors import (
    APIError,
    HTTP503Error,
    InvalidResponse,
    NetworkError,
    RequestTimeoutError,
    error_from,
)
from notifications_python_client.retries import Retries, Tries

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")

KEPT_CONNECTIONS = 100


class BaseAPIClient(ClientCore):
    """Calls to an API with tokens of a service; see `ClientCore` for the arguments.

    One client may be used by several threads. Use it in a `with` statement, or call `close`, to give its
    connections back.

    Attributes:
        request_session: the `requests.Session` that every request goes through. Proxies and certificates are
            taken from the environment when the client is made; `~/.netrc` is left alone, since a password from
            there would take our token's place.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = GOV_UK_NOTIFY,
        timeout: Timeout = 30,
        *,
        retries: Union[Retries, bool, int, None] = None,
    ) -> None:
        super().__init__(api_key, base_url, timeout, retries=retries)
        self.request_session = _session(base_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.request_session.close()

    def get(self, url: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """GET a path; see `request`."""
        return self.request("GET", url, params=params)

    def post(self, url: str, data: Any, *, idempotency_key: Optional[str] = None) -> Any:
        """POST data as JSON; see `request`."""
        if idempotency_key is None:
            return self.request("POST", url, data=data)
        return self.request("POST", url, data=data, idempotency_key=idempotency_key)

    def put(self, url: str, data: Any) -> Any:
        """PUT data as JSON; see `request`."""
        return self.request("PUT", url, data=data)

    def delete(self, url: str, data: Any = None) -> Any:
        """DELETE a path; see `request`."""
        return self.request("DELETE", url, data=data)

    def request(
        self,
        method: str,
        url: str,
        data: Any = None,
        params: Optional[Mapping[str, Any]] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> Any:
        """Make a call.

        Args:
            method: the HTTP method.
            url: a path, joined to the base URL.
            data: the body, sent as JSON; sets become lists.
            params: the query; a list repeats its name.
            idempotency_key: sent along, so that the server recognises a repetition.

        Returns:
            The decoded answer; None for 204.

        Raises:
            HTTPError: the answer's status is 4xx or 5xx.
            HTTP503Error: status 503, or no answer.
            InvalidResponse: the answer is not JSON.
        """
        return self._exchange(self._outgoing(method, url, data, params, idempotency_key), json_of)

    def _exchange(self, outgoing: Outgoing, read: Callable[[requests.Response], T]) -> T:
        return self._try(self._tries(outgoing), lambda: read(self._ask(outgoing)))

    @staticmethod
    def _try(tries: Tries, call: Callable[[], T]) -> T:
        while True:
            wait = tries.wait()
            if wait:
                time.sleep(wait)
            try:
                return call()
            except APIError as error:
                tries.failed(error)

    def _ask(self, outgoing: Outgoing) -> requests.Response:
        try:
            response = self._send(outgoing)
            response.raise_for_status()
        except requests.RequestException as error:
            raise _error_for(error) from error
        return response

    def _send(self, outgoing: Outgoing) -> requests.Response:
        return self.request_session.request(
            outgoing.method,
            outgoing.url,
            headers=self._headers(outgoing),
            data=outgoing.body,
            params=outgoing.params,
            timeout=self.timeout,
        )


def _session(base_url: str) -> requests.Session:
    session = requests.Session()
    # requests would look through the whole environment for proxies twice a request, a quarter of its time.
    session.proxies.update(get_environ_proxies(base_url))
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    session.trust_env = False
    # The default keeps ten connections; programs with more threads would open new ones all the time.
    for scheme in ("http://", "https://"):
        session.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=KEPT_CONNECTIONS))
    return session


def _error_for(error: requests.RequestException) -> APIError:
    # A response that tells of a failure is falsy, so compare with None.
    if error.response is not None:
        return error_from(error.response)
    if isinstance(error, requests.Timeout):
        return RequestTimeoutError()
    if isinstance(error, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        return NetworkError()
    return HTTP503Error()


def json_of(response: Union[requests.Response, Answer]) -> Any:
    """Decode a good answer; None for 204."""
    if response.status_code == 204:
        return None
    try:
        return response.json()
    except ValueError as error:
        raise InvalidResponse(response, "No JSON response object could be decoded") from error
