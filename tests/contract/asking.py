"""Requests as cases describe them, sent to a real server."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from tests.contract.cases_file import Json
from tests.contract.fixture import Fixture
from tests.contract.tokens import authorization
from tests.contract.variables import Variables

_TIMEOUT = aiohttp.ClientTimeout(total=60)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Json:
        """The answer as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body)


class Asker:
    """Sends requests to the API and the documents API; redirects are answers, not followed."""

    def __init__(self, hosts: Mapping[str, str], fixture: Fixture) -> None:
        self._hosts = hosts
        self._fixture = fixture

    async def __aenter__(self) -> Self:
        # Nothing of one case may reach the next: neither cookies, nor a connection that the server
        # is about to close.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            timeout=_TIMEOUT,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=["Content-Type"],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def ask(self, request: Mapping[str, Json], variables: Variables) -> Answer:
        """Send one request.

        Raises:
            aiohttp.ClientError: there was no answer.
            UnknownVariable: the request uses a variable that is not set.
            KeyError: its `auth` names a key that the fixture does not have.
        """
        filled = variables.fill(dict(request))
        headers, body = self._message(filled)
        url = URL(self._hosts[filled.get("host", "api")] + filled["path"] + _query(filled), encoded=True)
        async with self._session.request(
            filled["method"],
            url,
            data=None if body is None else BytesIO(body),
            headers=headers,
            allow_redirects=False,
        ) as answer:
            return Answer(answer.status, answer.headers.copy(), await answer.read())

    def _message(self, request: Mapping[str, Json]) -> tuple[dict[str, str], bytes | None]:
        headers, body = _body(request)
        token = authorization(request.get("auth", "none"), self._fixture, time.time())
        if token is not None:
            headers["Authorization"] = token
        return {**headers, **request.get("headers", {})}, body


def _body(request: Mapping[str, Json]) -> tuple[dict[str, str], bytes | None]:
    if "json" in request:
        return {"Content-Type": "application/json"}, json.dumps(request["json"]).encode()
    if "form" in request:
        form = urlencode(request["form"], doseq=True)
        return {"Content-Type": "application/x-www-form-urlencoded"}, form.encode()
    if "body" in request:
        return {}, request["body"].encode()
    return {}, None


def _query(request: Mapping[str, Json]) -> str:
    query = urlencode(request.get("query", {}), doseq=True)
    return f"?{query}" if query else ""
