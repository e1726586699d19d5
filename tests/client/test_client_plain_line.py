"""Bulk sends over plain HTTP: whatever form the answers have, and when requests is used after all."""

import socket
import threading
import time
from contextlib import suppress

import pytest
import requests

from notifications_python_client import NotificationsAPIClient
from notifications_python_client._plain_line import is_plain
from notifications_python_client.bulk import SendingStoppedError
from notifications_python_client.errors import RequestTimeoutError

BODY = b'{"id": "1"}'
HEAD = b"HTTP/1.1 201 CREATED\r\n"
TEXT = {"phone_number": "1", "template_id": "t"}


class Scripted:
    """Answers each request with the same bytes, in pieces, and closes after it if told so.

    Before each piece for the first request it waits `slow` seconds.
    """

    def __init__(self, *pieces, close=False, slow=0.0):
        self.pieces, self.close, self.slow = pieces, close, slow
        self.connections, self.requests = 0, []

    def start(self):
        """Listen; the URL."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self.url

    def __enter__(self):
        if not hasattr(self, "url"):
            self.start()
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
        with connection, suppress(OSError):  # of those who do not wait for an answer
            while True:
                request = _whole_request(connection)
                if request is None:
                    return
                self.requests.append(request)
                slow = self.slow if len(self.requests) == 1 else 0.0
                for piece in self.pieces:
                    time.sleep(slow)
                    connection.sendall(piece)
                if self.close:
                    return


class RefusingFirst(Scripted):
    """Answers the first request with a refusal."""

    def __init__(self, refusal, answer):
        super().__init__(answer)
        self.refusal = refusal

    def _serve(self, connection):
        with connection:
            while (request := _whole_request(connection)) is not None:
                self.requests.append(request)
                connection.sendall(self.refusal if len(self.requests) == 1 else self.pieces[0])


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


def test_an_answer_that_comes_slowly_delays_no_other(api_key):
    done = []
    slowly = Scripted(sized()[:9], sized()[9:70], sized()[70:], slow=0.3)
    with slowly as server, NotificationsAPIClient(api_key, server.url, timeout=5) as client:
        began = time.monotonic()
        outcomes = client.send_many(
            [TEXT] * 20, concurrency=2, progress=lambda progress: done.append(time.monotonic() - began)
        )
    assert [outcome.accepted for outcome in outcomes] == [True] * 20
    assert done[18] < 0.5 < done[19]


def test_who_does_not_answer_in_time_has_not_answered(api_key):
    slowly = Scripted(sized()[:9], sized()[9:], slow=0.4)
    client = NotificationsAPIClient(api_key, slowly.start(), timeout=0.2)
    with slowly, client, pytest.raises(SendingStoppedError) as raised:
        client.send_many([TEXT] * 4, concurrency=4)
    assert isinstance(raised.value.reason, RequestTimeoutError)
    assert sorted(outcome.accepted for outcome in raised.value.outcomes) == [False, True, True, True]


def test_every_piece_of_an_answer_may_take_the_time_that_is_given(api_key):
    slowly = Scripted(*(bytes([byte]) for byte in sized()[:4]), sized()[4:], slow=0.15)
    with slowly as server, NotificationsAPIClient(api_key, server.url, timeout=0.4) as client:
        assert client.send_many([TEXT])[0].accepted


def test_what_is_under_way_is_seen_to_its_end_when_the_messages_end_in_an_error(api_key, tmp_path):
    def messages():
        yield from [TEXT] * 3
        raise LookupError("no more")

    file = tmp_path / "results.jsonl"
    slowly = Scripted(sized(), slow=0.2)
    client = NotificationsAPIClient(api_key, slowly.start())
    with slowly, client, pytest.raises(LookupError):
        client.send_many(messages(), concurrency=8, results=file)
    assert len(slowly.requests) == 3
    assert len(file.read_text().splitlines()) == 1 + 3


def test_a_message_that_was_refused_is_sent_again_on_its_connection(api_key):
    refusal = b"HTTP/1.1 429 N\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n{}"
    with RefusingFirst(refusal, sized()) as server, NotificationsAPIClient(api_key, server.url) as client:
        done = []
        began = time.monotonic()
        outcomes = client.send_many(
            [TEXT] * 5,
            concurrency=2,
            rate_limit=6_000_000,
            progress=lambda progress: done.append(time.monotonic() - began),
        )
    assert [outcome.accepted for outcome in outcomes] == [True] * 5
    assert done[-1] >= 1
    assert server.connections == 2


def test_who_is_slow_with_the_messages_misses_no_answer(api_key):
    def messages():
        for _ in range(10):
            time.sleep(0.1)
            yield TEXT

    with Scripted(sized()) as server, NotificationsAPIClient(api_key, server.url, timeout=0.3) as client:
        outcomes = client.send_many(messages(), concurrency=8)
    assert [outcome.accepted for outcome in outcomes] == [True] * 10
    assert len(server.requests) == 10


@pytest.mark.parametrize("concurrency", [0, -1])
def test_there_is_one_connection_at_least(api_key, concurrency):
    for url in ("http://localhost", "https://localhost"):
        with NotificationsAPIClient(api_key, url) as client, pytest.raises(ValueError, match="concurrency"):
            client.send_many([TEXT], concurrency=concurrency)


def test_a_redirection_takes_the_key_along(api_key, tmp_path):
    with Scripted(sized()) as aim:
        moved = b"HTTP/1.1 308 Permanent Redirect\r\nContent-Length: 0\r\nLocation: %s/there\r\n\r\n"
        with Scripted(moved % aim.url.encode()) as server:
            send(server.url, api_key, count=1, results=tmp_path / "results.jsonl")
        keys = [
            line
            for request in (*server.requests, *aim.requests)
            for line in request.split(b"\r\n")
            if line.lower().startswith(b"idempotency-key:")
        ]
        assert len(keys) == len(server.requests) + len(aim.requests)
        assert len(set(keys)) == 1


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
