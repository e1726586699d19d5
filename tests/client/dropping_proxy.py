"""A proxy on loopback that loses some connections: before a request is passed on, during the answer, after it."""

import random
import socket
import threading
from collections import Counter
from typing import Optional

FATES = ("before", "during", "after")


class DroppingProxy:
    """Passes HTTP/1.1 requests on to a server and drops one in so many connections.

    Args:
        target: the port of the server.
        share: of the requests whose connection is dropped.
        seed: makes the losses repeatable.
    """

    def __init__(self, target: int, share: float, seed: int = 1) -> None:
        self.target, self.share = target, share
        self.dropped: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake a thread that waits for connections.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, socket.create_connection(("127.0.0.1", self.target)) as server:
            try:
                while self._pass_on(connection, server):
                    pass
            except OSError:
                # Either side went away; so does the other.
                return

    def _pass_on(self, connection: socket.socket, server: socket.socket) -> bool:
        request = _whole(connection)
        fate = self._fate()
        if request is None or fate == "before":
            return False
        server.sendall(request)
        answer = _whole(server)
        if answer is None or fate == "after":
            return False
        connection.sendall(answer[: len(answer) // 2] if fate == "during" else answer)
        return fate is None

    def _fate(self) -> Optional[str]:
        with self._lock:
            if self._random.random() >= self.share:
                return None
            fate = self._random.choice(FATES)
            self.dropped[fate] += 1
            return fate


def _whole(connection: socket.socket) -> Optional[bytes]:
    """Read one HTTP message with its body; None if the connection ends."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = (int(lengths[0]) if lengths else 0) - len(body)
    while missing > 0:
        more = connection.recv(missing)
        if not more:
            return None
        data += more
        missing -= len(more)
    return data
