"""Bulk sends over plain HTTP: whatever form the answers have, and when requests is used after all."""

import socket
import threading
import time

import pytest
import requests

from notifications_python_client import NotificationsAPIClient
from notifications_python_client._plain_line import is_plain
from notifications_python_client.bulk import SendingStoppedError

BODY = b'{"id": "1"}'
HEAD = b"HTTP/1.1 201 CREATED\r\n"
TEXT = {"phone_number": "1", "template_id": "t"}


class Scripted:
    """Answers each request with the same bytes, in pieces, and closes after it if told so."""

    def __init__(self, *pieces, close=False):
        self.pieces, self.close = pieces, close
        self.connections, self.requests = 0, []

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            while True:
                request = _whole_request(connection)
                if request is None:
                    return
                self.requests.append(request)
                for piece in self.pieces:
                    connection.sendall(piece)
                if self.close:
                    return


def _whole_request(connection):
    data = b""
    # Every body of these tests ends so, and no header does.
    while not data.endswith(b"}"):
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    return data


def sized(head=HEAD, extra=b""):
    return head + extra + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


def in_chunks():
    return (
        HEAD
        + b"Transfer-Encoding: chunked\r\n\r\n5\r\n"
        + BODY[:5]
        + b"\r\n6\r\n"
        + BODY[5:]
        + b"\r\n0\r\n\r\n"
    )


def send(url, api_key, count=3, **options):
    with NotificationsAPIClient(api_key, url, timeout=5) as client:
        assert is_plain(client)
        return client.send_many(unhurried(count), concurrency=1, rate_limit=None, **options)


def unhurried(count):
    """Messages with time between them, in which a server's closing arrives."""
    for _ in range(count):
        time.sleep(0.02)
        yield TEXT


@pytest.mark.parametrize(
    ("pieces", "close", "connections"),
    [
        ([sized()], False, 1),
        ([sized()[:9], sized()[9:70], sized()[70:]], False, 1),
        ([bytes([byte]) for byte in sized()], False, 1),
        ([sized(extra=b"Connection: close\r\n")], True, 3),
        ([sized()], True, 3),
        ([sized(b"HTTP/1.0 201 CREATED\r\n")], True, 3),
        ([in_chunks()], False, 3),
        ([in_chunks()[:60], in_chunks()[60:]], False, 3),
        ([HEAD + b"\r\n" + BODY], True, 3),
        ([b"HTTP/1.1 100 Continue\r\n\r\n" + sized()], False, 3),
    ],
)
def test_answers_of_every_form_are_read(api_key, pieces, close, connections):
    with Scripted(*pieces, close=close) as server:
        assert [outcome.id for outcome in send(server.url, api_key)] == ["1"] * 3
        assert server.connections == connections


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([b"not HTTP at all\r\n\r\n"], 503),
        ([HEAD + b"Content-Length: 100\r\n\r\n" + BODY], 503),
        ([HEAD[:8]], 503),
        ([], 503),
        ([HEAD + b"X: " + b"x" * 70000], 503),
    ],
)
def test_a_broken_answer_is_no_answer(api_key, pieces, status):
    with Scripted(*pieces, close=True) as server, pytest.raises(SendingStoppedError) as raised:
        send(server.url, api_key, count=1)
    assert raised.value.outcomes[0].status_code == status


def test_a_redirection_is_followed(api_key):
    with Scripted(sized()) as aim:
        moved = b"HTTP/1.1 308 Permanent Redirect\r\nContent-Length: 0\r\nLocation: %s/there\r\n\r\n"
        with Scripted(moved % aim.url.encode()) as server:
            assert [outcome.id for outcome in send(server.url, api_key)] == ["1"] * 3
        assert len(aim.requests) == 3


def test_headers_of_the_session_go_along(api_key):
    with Scripted(sized()) as server, NotificationsAPIClient(api_key, server.url) as client:
        client.request_session.headers["X-Gateway"] = "g"
        client.send_many([TEXT], concurrency=1)
    lines = server.requests[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
    names = [line.partition(b":")[0].lower() for line in lines[1:]]
    assert b"X-Gateway: g" in lines
    assert len(names) == len(set(names))
    assert {b"host", b"authorization", b"content-type", b"content-length"} <= set(names)


@pytest.mark.parametrize(
    "change",
    [
        lambda client, patch: patch.setattr(client, "base_url", "https://localhost"),
        lambda client, patch: patch.setattr(client, "base_url", "http://user:word@localhost"),
        lambda client, patch: client.request_session.proxies.update(http="http://localhost:1"),
        lambda client, patch: client.request_session.headers.update({"X": "a\r\nb"}),
        lambda client, patch: client.request_session.cookies.set("a", "b"),
        lambda client, patch: client.request_session.mount(
            "http://", type("A", (requests.adapters.HTTPAdapter,), {})()
        ),
        lambda client, patch: patch.setattr(client.request_session, "send", lambda *_, **__: None),
        lambda client, patch: patch.setattr(client, "request_session", type("S", (requests.Session,), {})()),
        lambda client, patch: patch.setattr(requests.adapters.HTTPAdapter, "send", lambda *_, **__: None),
        lambda client, patch: patch.setattr(requests.Session, "get_adapter", lambda *_, **__: None),
        lambda client, patch: patch.setattr(type(client), "_send", lambda *_: None),
    ],
)
def test_what_a_program_or_its_tests_changed_is_kept_to(api_key, monkeypatch, change):
    with NotificationsAPIClient(api_key, "http://localhost") as client:
        assert is_plain(client)
        change(client, monkeypatch)
        assert not is_plain(client)
