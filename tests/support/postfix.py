"""A private Postfix: with a configuration, a queue and a log of its own, on loopback, where all its mail ends.

Mail for `BOUNCE_DOMAIN` goes to one port, where bounces are taken; mail for inbox.example counts as delivered and is
thrown away; refused@example.com is refused at once; everything else goes to a sink. The system's own /etc/postfix is
not used.
"""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.postgres import public_directory
from tests.support.processes import wait_until
from tests.support.programs import program

BOUNCE_DOMAIN = "notify.example.org"

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example.org
mydestination =
local_recipient_maps =
local_transport = error:local delivery is off
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ refused@example.com = 550 5.1.1 nobody here }} }}
smtp_dns_support_level = disabled
smtp_host_lookup = native
alias_maps =
alias_database =
default_transport = smtp:[127.0.0.1]:{sink}
relay_transport = $default_transport
transport_maps = inline:{{ {{ {bounce_domain} = smtp:[127.0.0.1]:{bounces} }}, {{ inbox.example = discard: }} }}
default_destination_concurrency_failed_cohort_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
maximal_queue_lifetime = {lifetime}
bounce_queue_lifetime = 1h
delay_warning_time = {warning}
confirm_delay_cleared = no
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A relay that runs.

    Attributes:
        port: where it takes mail.
        bounces: the port that it brings mail for `BOUNCE_DOMAIN` to.
        sink: the port that it brings other mail to.
    """

    folder: Path
    port: int
    bounces: int
    sink: int

    @property
    def log(self) -> str:
        """What it did."""
        return (self.folder / "mail.log").read_text(errors="replace")


@contextmanager
def postfix(lifetime: str = "0", warning: str = "0h") -> Iterator[Postfix]:
    """Run Postfix; `lifetime` is how long mail stays in its queue (0: one attempt), `warning` when it reports delay."""
    command = program("postfix", "postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix can be started by root only")
    with public_directory() as folder:
        relay = Postfix(folder, free_port(), free_port(), free_port())
        _configure(relay, lifetime, warning)
        _run(relay, command, "start")
        try:
            wait_until(lambda: _listens(relay.port), 30, "Postfix listens")
            yield relay
        finally:
            _run(relay, command, "stop")


def _configure(relay: Postfix, lifetime: str, warning: str) -> None:
    for name in ("etc", "queue", "data"):
        (relay.folder / name).mkdir()
    subprocess.run(["chown", "postfix", relay.folder / "data"], check=True)
    values = {
        "folder": relay.folder,
        "port": relay.port,
        "sink": relay.sink,
        "bounces": relay.bounces,
        "bounce_domain": BOUNCE_DOMAIN,
        "lifetime": lifetime,
        "warning": warning,
    }
    (relay.folder / "etc" / "main.cf").write_text(_MAIN.format(**values))
    (relay.folder / "etc" / "master.cf").write_text(_MASTER.format(**values))


def _run(relay: Postfix, command: str, verb: str) -> None:
    done = subprocess.run(
        [command, "-c", relay.folder / "etc", verb], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode != 0:
        raise AssertionError(f"postfix {verb}: {done.stdout}{done.stderr}")


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


class Sink:
    """The servers of all recipients: unknown@… is refused for good, later@… for now, everybody else gets the email."""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's
        """Answer by the name before the @."""
        local = address.partition("@")[0]
        if local == "unknown":
            return f"550 5.1.1 <{address}>: nobody here"
        if local == "later":
            return f"451 4.7.1 <{address}>: come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's
        """Take it, or find out at the end that it is spam."""
        return "554 5.7.1 spam" if envelope.rcpt_tos[0].startswith("spam") else "250 OK"
