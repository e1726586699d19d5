"""A connection of a bulk send's own, over plain HTTP: what requests does for each call is most of a send's cost."""

from __future__ import annotations

import http.client
import io
import re
import socket
import struct
import sys
from types import FunctionType
from typing import Any, Mapping, Optional, Tuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.util.wait import wait_for_read

from notifications_python_client._core import Answer, Outgoing
from notifications_python_client.base import BaseAPIClient
from notifications_python_client.errors import NetworkError, RequestTimeoutError, error_from

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


def ask_of(client: BaseAPIClient) -> Ask:
    """Give what a thread of a bulk send makes its calls with: a `PlainLine` if that does all that requests would."""
    return PlainLine(client) if is_plain(client) else Ask(client)


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


class Ask:
    """The calls of one thread, by way of the client's session."""

    def __init__(self, client: BaseAPIClient) -> None:
        self.client = client

    def __call__(self, outgoing: Outgoing) -> Any:
        """Make one try; give the answer or raise an `APIError`."""
        return self.client._ask(outgoing)  # noqa: SLF001 - a part of the client

    def close(self) -> None:
        """Let go of what is the thread's own."""


class PlainLine(Ask):
    """The calls of one thread over a connection of its own, which is kept; for clients that are plain."""

    def __init__(self, client: BaseAPIClient) -> None:
        super().__init__(client)
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

    def __call__(self, outgoing: Outgoing) -> Any:
        """Make one try; give the answer or raise an `APIError`."""
        try:
            answer = self._exchange(self._written(outgoing))
        except (socket.timeout, BlockingIOError) as error:
            raise RequestTimeoutError from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NetworkError from error
        if 300 <= answer.status_code < 400:
            # A redirection is followed by requests; the message was not taken.
            return super().__call__(outgoing)
        if answer.status_code >= 400:
            raise error_from(answer)
        return answer

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, request: bytes) -> Answer:
        try:
            connection = self._connection()
            connection.sendall(request)
            answer, stays = _read(connection)
        except BaseException:
            # Half an answer may be left in it.
            self.close()
            raise
        if not stays:
            self.close()
        return answer

    def _connection(self) -> socket.socket:
        # A kept connection with something to read was closed by the server meanwhile.
        if self._socket is not None and wait_for_read(self._socket, timeout=0):
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._connecting)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _set_timeout(self._socket, self._reading)
        return self._socket

    def _written(self, outgoing: Outgoing) -> bytes:
        body = (outgoing.body or "").encode()
        own = _lines({**self.client._headers(outgoing), "Content-Length": str(len(body))})  # noqa: SLF001 - as above
        first = f"{outgoing.method} {urlsplit(outgoing.url).path} HTTP/1.1\r\n"
        return f"{first}{self._head}{own}\r\n".encode("latin-1") + body


def _set_timeout(connection: socket.socket, seconds: Optional[float]) -> None:
    """Let the system do the waiting where we know how to tell it so: Python would ask it first whether to wait.

    Each such question lets another of the many threads in, and costs more than all else that a send does.
    """
    if not sys.platform.startswith("linux") or struct.calcsize("l") != 8:
        connection.settimeout(seconds)
        return
    connection.settimeout(None)
    if seconds is not None:
        whole = max(0, int(seconds * 1e6)) or 1
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            connection.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", *divmod(whole, 1_000_000)))


def _lines(headers: Mapping[str, str]) -> str:
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()])


def _read(connection: socket.socket) -> Tuple[Answer, bool]:
    """Read an answer; say also whether the connection can be used again."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
        if len(data) > _LARGEST_HEAD:
            raise http.client.LineTooLong("header")
    head, _, body = data.partition(b"\r\n\r\n")
    known, length = _STATUS.match(head), _value(head, b"content-length")
    if known is None or length is None or not length.isdigit():
        return _read_unusual(connection, data)
    status, parts, missing = int(known[1]), [body], int(length) - len(body)
    while missing > 0:
        parts.append(_more(connection))
        missing -= len(parts[-1])
    stays = missing == 0 and _value(head, b"connection") != b"close"
    # Nobody asks for the headers of an answer that says that the message was taken.
    headers = _headers(head) if status >= 300 else {}
    return Answer(status, headers, b"".join(parts)), stays


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


def _more(connection: socket.socket) -> bytes:
    more = connection.recv(_AT_ONCE)
    if not more:
        raise ConnectionResetError("The connection ended within an answer")
    return more


class _Begun(io.RawIOBase):
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


def _read_unusual(connection: socket.socket, begun: bytes) -> Tuple[Answer, bool]:
    """Let the standard library read it: in chunks, without a length, from an old server."""
    sock: Any = _Begun(begun, connection)
    response = http.client.HTTPResponse(sock)
    response.begin()
    content = response.read()
    return Answer(response.status, CaseInsensitiveDict(response.getheaders()), content), False
