"""The other side: a gateway, an endpoint for callbacks and a relay that take everything and forget it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Process
from typing import cast

import uvloop

WEB_PORT, RELAY_PORT = 16034, 16033
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Message: 1\r\nContent-Length: 27\r\n\r\n"
    b"0:1 SMS successfully queued"
)


_REPLIES = {
    b"EHLO": b"250-bench\r\n250-PIPELINING\r\n250 DSN\r\n",  # as nearly all relays offer
    b"DATA": b"354 Go on\r\n",
    b"QUIT": b"221 Bye\r\n",
}


class Web(asyncio.Protocol):
    """An HTTP server that answers every request alike: as FireText does when it takes a text."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._buffer = cast(asyncio.Transport, transport), b""  # uvloop's are no subclass

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._transport.write(_ANSWER)


class Relay(asyncio.Protocol):
    """An SMTP server."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._buffer, self._in_content = cast(asyncio.Transport, transport), b"", False
        self._transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._in_content else b"\r\n"
            line, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            self._answer(line[:4].upper())

    def _answer(self, word: bytes) -> None:
        taken, self._in_content = self._in_content, word == b"DATA" and not self._in_content
        self._transport.write(b"250 OK\r\n" if taken else _REPLIES.get(word, b"250 OK\r\n"))


def _serve() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_server(Web, "127.0.0.1", WEB_PORT)
        relay = await loop.create_server(Relay, "127.0.0.1", RELAY_PORT)
        await relay.serve_forever()

    uvloop.run(main())


@contextmanager
def counterparts() -> Iterator[None]:
    """All of them, in a process of their own."""
    process = Process(target=_serve, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(10)


PROVIDERS = f"""
providers:
  - name: gateway
    kind: sms_http
    options:
      description: firetext
      values:
        api: http://127.0.0.1:{WEB_PORT}/api/sendsms
        api_key: key
        received_password: password
  - name: relay
    kind: smtp
    options: {{host: 127.0.0.1, port: {RELAY_PORT}, tls: none}}
"""
