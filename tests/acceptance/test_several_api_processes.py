"""With several API processes each gets its share of the connections, and nobody else gets their port."""

import socket
import sys
from contextlib import ExitStack

import psutil
import pytest

from pillarbox.processes import SPREADS, listen
from tests.support.pillarbox import pillarbox_up
from tests.support.ports import free_port
from tests.support.postgres import public_directory
from tests.support.processes import wait_until

pytestmark = pytest.mark.acceptance
only_where_it_spreads = pytest.mark.skipif(not SPREADS, reason=f"{sys.platform} spreads no connections")


def connections_of(program, port):
    """How many connections each API process has."""
    processes = [one for one in psutil.Process(program.process.pid).children() if "serve" in one.cmdline()]
    return [
        sum(one.laddr.port == port and one.status == psutil.CONN_ESTABLISHED for one in p.net_connections())
        for p in processes
    ]


@only_where_it_spreads
def test_connections_are_spread_evenly():
    """With 64 of them, fewer than 12 at one of two processes happen by chance once in a million times."""
    with (
        public_directory() as directory,
        pillarbox_up(directory / "data", "--workers", "2") as running,
        ExitStack() as stack,
    ):
        port = int(running.base.rpartition(":")[2])
        wait_until(lambda: len(connections_of(running.program, port)) == 2, 30, "two API processes")
        wait_until(lambda: both_listen(running.program, port), 30, "both of them listening")
        for _ in range(64):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        wait_until(lambda: sum(connections_of(running.program, port)) == 64, 30, "64 connections")
        assert min(connections_of(running.program, port)) >= 12


def both_listen(program, port):
    processes = [one for one in psutil.Process(program.process.pid).children() if "serve" in one.cmdline()]
    return all(
        any(c.laddr.port == port and c.status == psutil.CONN_LISTEN for c in p.net_connections())
        for p in processes
    )


@only_where_it_spreads
def test_who_does_not_want_to_share_a_port_gets_none_that_is_shared():
    port = free_port()
    with (
        listen("127.0.0.1", port, beside_others=True),
        listen("127.0.0.1", port, beside_others=True),
        pytest.raises(OSError, match="Address already in use"),
    ):
        listen("127.0.0.1", port)
    with listen("127.0.0.1", port), pytest.raises(OSError, match="Address already in use"):
        listen("127.0.0.1", port, beside_others=True)
