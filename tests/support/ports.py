"""Ports that nobody uses."""

import random
import socket

# Above the privileged ones and below those that the kernel hands out to whoever connects somewhere.
_FROM, _BELOW = 20_000, 32_000


def free_port() -> int:
    """A port on loopback that nothing listened on a moment ago."""
    for _ in range(100):
        port = random.randrange(_FROM, _BELOW)
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port found in a hundred attempts")
