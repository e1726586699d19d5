"""A connection of a bulk send's own, over plain HTTP: what requests does for each call is most of a send's cost."""

from __future__ import annotations

import http.client
import io
import re
import selectors
import socket
from types import FunctionType
from typing import Any, Mapping, Optional
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.util.wait import wait_for_read

from notifications_python_client._core import Answer, Outgoing
from notifications_python_client.base import BaseAPIClient
from notifications_python_client.errors import APIError, NetworkError, RequestTimeoutError

# Where a program, or a library that watches or fakes its requests, may have put something else.
_AS_SHIPPED = (
    (requests.Session, "request"),
    (requests.Session, "send"),
    (requests.Session, "get_adapter"),
    (HTTPAdapter, "send"),
)
_ASCII_HTTP = re.compile(r"http://[!-~]+", re.IGNORECASE)
_OF_EACH_REQUEST = frozenset(
    [
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "transfer-encoding",
        "user-agent",
    ]
)
_STATUS = re.compile(rb"HTTP/1\.1 ([2-5][0-9][0-9])")
_LARGEST_HEAD = 65536
_AT_ONCE = 65536


def is_plain(client: BaseAPIClient) -> bool:
    """Say whether requests would do nothing that a `PlainLine` does not.

    That is: HTTP without TLS, no proxy, no credentials in the URL, a session that nobody has changed but for its
    headers, and nothing in the place of requests' own functions or ours.
    """
    session = client.request_session
    return (
        _is_plain_url(client.base_url)
        and _is_as_shipped(type(client), "_send", BaseAPIClient.__module__)
        and all(_is_as_shipped(owner, name, owner.__module__) for owner, name in _AS_SHIPPED)
        and type(session) is requests.Session
        and not {"request", "send", "get_adapter"} & set(vars(session))
        and type(session.get_adapter(client.base_url)) is HTTPAdapter
        and not (session.proxies or session.auth or session.params or session.cookies or session.trust_env)
        and not any(session.hooks.values())
        and all(isinstance(value, str) and value.isprintable() for value in session.headers.values())
    )


def _is_plain_url(url: str) -> bool:
    parts = urlsplit(url)
    return _ASCII_HTTP.fullmatch(url) is not None and bool(parts.hostname) and "@" not in parts.netloc


def _is_as_shipped(owner: type, name: str, module: str) -> bool:
    found = getattr(owner, name)
    # Not __module__, which wrappers copy.
    return isinstance(found, FunctionType) and found.__globals__["__name__"] == module


class PlainLine:
    """A connection of its own, which is kept, for one send at a time; for clients that are plain.

    Args:
        client: whose sends they are.
        selector: what tells when there is something to be received.
    """

    def __init__(self, client: BaseAPIClient, selector: selectors.BaseSelector) -> None:
        self._client = client
        self._selector = selector
        parts = urlsplit(client.base_url)
        self._address = (str(parts.hostname), parts.port or 80)
        timeout = client.timeout
        self._connecting, self._reading = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        others = {
            name: str(value)
            for name, value in client.request_session.headers.items()
            if name.lower() not in _OF_EACH_REQUEST
        }
        self._head = _lines({**others, "Host": parts.netloc, "Accept-Encoding": "identity"})
        self._socket: Optional[socket.socket] = None
        self._answer = _Begun()

    @property
    def patience(self) -> float:
        """How many seconds to wait for something to be received."""
        return float("inf") if self._reading is None else self._reading

    def send(self, outgoing: Outgoing) -> None:
        """Send a request; raise a `NetworkError` or a `RequestTimeoutError` if that cannot be."""
        self._answer = _Begun()
        try:
            self._connection().sendall(self._written(outgoing))
        except (OSError, ValueError) as error:
            raise self._broken(error) from error

    def receive(self) -> Optional[Answer]:
        """Read what is there; give the answer once all of it is. Raises what `send` does."""
        assert self._socket is not None  # noqa: S101 - or nothing could be received
        try:
            answer = self._answer.go_on(self._socket)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._broken(error) from error
        if answer is not None and not self._answer.stays:
            self.close()
        return answer

    def close(self) -> None:
        """Close the connection; the next request makes another."""
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def _connection(self) -> socket.socket:
        # A kept connection with something to read was closed by the server meanwhile.
        if self._socket is not None and wait_for_read(self._socket, timeout=0):
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._connecting)
            self._selector.register(self._socket, selectors.EVENT_READ, self)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.settimeout(self._reading)
        return self._socket

    def _written(self, outgoing: Outgoing) -> bytes:
        body = (outgoing.body or "").encode()
        own = _lines({**self._client._headers(outgoing), "Content-Length": str(len(body))})  # noqa: SLF001 - a part of it
        first = f"{outgoing.method} {urlsplit(outgoing.url).path} HTTP/1.1\r\n"
        return f"{first}{self._head}{own}\r\n".encode("latin-1") + body

    def _broken(self, error: Exception) -> APIError:
        """Close the connection, in which half an answer may be left; say what has happened."""
        self.close()
        return RequestTimeoutError() if isinstance(error, socket.timeout) else NetworkError()


def _lines(headers: Mapping[str, str]) -> str:
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()])


class _Begun:
    """As much of an answer as has been received."""

    def __init__(self) -> None:
        self.stays = False  # whether the connection can be used again
        self._status = 0
        self._headers: Mapping[str, str] = {}
        self._parts = [b""]
        self._missing = 0

    def go_on(self, connection: socket.socket) -> Optional[Answer]:
        """Receive once; give the answer if that is the end of it."""
        more = connection.recv(_AT_ONCE)
        if not more:
            raise ConnectionResetError("The connection ended within an answer")
        if self._status:
            self._parts.append(more)
            self._missing -= len(more)
        else:
            head, end, body = (self._parts[0] + more).partition(b"\r\n\r\n")
            if not end:
                self._wait_for_head(head)
                return None
            if not self._begin(head, body):
                return _read_unusual(connection, head + end + body)
        if self._missing > 0:
            return None
        self.stays = self.stays and self._missing == 0
        return Answer(self._status, self._headers, b"".join(self._parts))

    def _wait_for_head(self, begun: bytes) -> None:
        if len(begun) > _LARGEST_HEAD:
            raise http.client.LineTooLong("header")
        self._parts = [begun]

    def _begin(self, head: bytes, body: bytes) -> bool:
        """Read a head; say whether it is one that says how long the body is."""
        known, length = _STATUS.match(head), _value(head, b"content-length")
        if known is None or length is None or not length.isdigit():
            return False
        self._status, self._parts, self._missing = int(known[1]), [body], int(length) - len(body)
        self.stays = _value(head, b"connection") != b"close"
        # Nobody asks for the headers of an answer that says that the message was taken.
        self._headers = _headers(head) if self._status >= 300 else {}
        return True


def _value(head: bytes, name: bytes) -> Optional[bytes]:
    """Look one header up, of which there are many; its value in lower case."""
    lines = head.lower()
    start = lines.find(b"\r\n" + name + b":")
    if start < 0:
        return None
    start += len(name) + 3
    end = lines.find(b"\r\n", start)
    return lines[start : end if end > 0 else None].strip()


def _headers(head: bytes) -> Mapping[str, str]:
    lines = [line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:]]
    return CaseInsensitiveDict((name, value.strip()) for name, _, value in lines)


class _Whole(io.RawIOBase):
    """What was read already, and then the connection."""

    def __init__(self, begun: bytes, connection: socket.socket) -> None:
        self._begun, self._connection = begun, connection

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        got = self._begun[: len(buffer)] or self._connection.recv(len(buffer))
        self._begun = self._begun[len(got) :]
        buffer[: len(got)] = got
        return len(got)


def _read_unusual(connection: socket.socket, begun: bytes) -> Answer:
    """Let the standard library read it: in chunks, without a length, from an old server."""
    sock: Any = _Whole(begun, connection)
    response = http.client.HTTPResponse(sock)
    response.begin()
    content = response.read()
    return Answer(response.status, CaseInsensitiveDict(response.getheaders()), content)
