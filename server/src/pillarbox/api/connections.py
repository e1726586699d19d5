"""HTTP connections with limits on what comes before a route is known: the size of the head, and time.

uvicorn waits for ever for a request that begins and never ends, and keeps headers of any size.
"""

import asyncio
import resource

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from pillarbox.api.bodies import ARRIVED

HEAD_BYTES = 64 * 1024
_MOST_FILES = 65_536


class Connection(HttpToolsProtocol):
    """A connection whose requests have to arrive within a time, with a head of up to 64 KiB."""

    first_byte_seconds = 30.0
    request_seconds = 60.0  # more than a body may take, so that its sender gets an answer first
    _head: int | None = 0
    _under_way = False
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Expect a first request."""
        super().connection_made(_InOnePiece(transport, self.loop))
        self._expect_by(self.first_byte_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it makes the head too large."""
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > HEAD_BYTES and not self.transport.is_closing():
                self._refuse(431, "The head of the request is too large.")
        if self._under_way and self._timer is None:  # most requests come in one piece
            self._expect_by(self.request_seconds)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head = 0
        self._under_way = True
        self._stop_waiting()

    def on_headers_complete(self) -> None:
        """Its head is complete: what comes now is its body."""
        self._head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._under_way = False
        self._stop_waiting()
        self.scope["state"][ARRIVED] = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._refuse(400, msg)

    def _expect_by(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        if self.transport.is_closing():
            return
        if self._head:
            self._refuse(408, "The request took too long to arrive.")
        else:
            self.transport.close()

    def _refuse(self, status: int, message: str) -> None:
        """Answer in the envelope of those whom nobody knows yet, and hang up."""
        body = msgspec.json.encode({"result": "error", "message": message})
        head = f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()


class _InOnePiece(asyncio.Transport):
    """Sends the head and the body of an answer together: for each piece both sides would have to ask their system.

    A first piece is held back for a second one, which is there before the event loop has turned, or never.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held: bytes | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a piece, together with the one before it if that is here still."""
        if self._held is None:
            self._held = bytes(data)
            self._loop.call_soon(self._let_go)
        else:
            first, self._held = self._held, None
            self._transport.write(first + data)

    def close(self) -> None:
        """Hang up once everything has been sent."""
        self._let_go()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether it hangs up, or has."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Take nothing more for the time being."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take what comes."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: object = None) -> object:
        """What is known of the other side."""
        return self._transport.get_extra_info(name, default)

    def _let_go(self) -> None:
        first, self._held = self._held, None
        if first is not None and not self._transport.is_closing():
            self._transport.write(first)


def allow_many_connections() -> None:
    """Let this process open as many connections as the system allows it to; shells often set a lower limit."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if most == resource.RLIM_INFINITY else min(most, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
