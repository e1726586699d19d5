"""A family of processes: started together, restarted when one dies, stopped together.

Children are in sessions of their own, so that Ctrl-C reaches only the parent, which then stops them in order. They
hold the read end of a pipe as standard input: if the parent dies without a word, the pipe closes and they stop.
"""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

import structlog

log = structlog.get_logger()

GRACE = 30.0  # seconds to finish what is in hand
_LOOK_EVERY = 0.2
_LONGEST_PAUSE = 15.0
_SETTLED = 10.0  # a process that lived this long has not failed at starting


@dataclass
class Child:
    """One `pillarbox` process."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    inherited: Sequence[int] = ()
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    pause: float = 0.0
    again: float = 0.0

    @property
    def name(self) -> str:
        """What it does."""
        return self.arguments[0]

    def start(self) -> None:
        """Start the process."""
        reading, writing = os.pipe()
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            self.command(),
            stdin=reading,
            env=dict(self.environment),
            pass_fds=tuple(self.inherited),
            start_new_session=True,
        )
        os.close(reading)
        self._lifeline = writing
        self.started = monotonic()

    def command(self) -> list[str]:
        """What to run: this `pillarbox`, told to stop once standard input is closed."""
        return [sys.executable, "-m", "pillarbox", *self.arguments, "--while-stdin-is-open"]

    def look(self) -> None:
        """Start the process again if it died; the pause before that grows while it keeps dying young."""
        if self.process is None:
            if monotonic() >= self.again:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        os.close(self._lifeline)
        young = monotonic() - self.started < _SETTLED
        self.pause = min(max(0.5, self.pause * 2), _LONGEST_PAUSE) if young else 0.0
        log.warning("process died", process=self.name, exit_code=code, again_in=self.pause)
        self.process, self.again = None, monotonic() + self.pause

    def tell(self, number: signal.Signals) -> None:
        """Send a signal, if the process is there."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def wait(self, until: float) -> None:
        """Wait for the end; kill the process when the time is over."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process did not stop in time", process=self.name)
            self.process.kill()
            self.process.wait()

    _lifeline: int = field(default=-1, repr=False)


class Family:
    """Children, watched until somebody asks for the end."""

    def __init__(self, children: Sequence[Child], also: Callable[[], None] = lambda: None) -> None:
        self._children = children
        self._also = also
        self._ending = threading.Event()

    def end(self, *_: object) -> None:
        """Ask for the end; fit for a signal handler."""
        self._ending.set()

    @property
    def is_ending(self) -> bool:
        """Whether somebody asked for the end."""
        return self._ending.is_set()

    def start(self) -> None:
        """Start all children; SIGTERM and SIGINT end the family from now on."""
        signal.signal(signal.SIGTERM, self.end)
        signal.signal(signal.SIGINT, self.end)
        for child in self._children:
            child.start()

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Keep everyone alive until the end is asked for, or `until` says so."""
        while not self._ending.is_set() and not until():
            self._also()
            for child in self._children:
                child.look()
            self._ending.wait(_LOOK_EVERY)

    def stop(self) -> None:
        """Stop everyone within the time of grace."""
        for child in self._children:
            child.tell(signal.SIGTERM)
        until = monotonic() + GRACE
        for child in self._children:
            child.wait(until)


# Whether the system spreads connections evenly over processes that listen on one port by themselves. Those that share
# a socket take what they get hold of: of 64 connections sometimes nearly all, and their callers wait in one queue.
SPREADS = sys.platform == "linux"


def listen(host: str, port: int, *, beside_others: bool = False) -> socket.socket:
    """Open a socket that connections come to.

    Args:
        host: an address of this machine.
        port: its port.
        beside_others: whether other processes listen there too, which must all say so.

    Raises:
        OSError: if somebody else listens there already.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if beside_others:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except BaseException:
        listener.close()
        raise
    return listener


def collect_garbage_rarely() -> None:
    """What is there now stays for good: the collector need not look at it again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def end_with_stdin() -> None:
    """Ask ourselves to stop once our parent is gone and standard input with it."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="lifeline").start()
