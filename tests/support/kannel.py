"""A Kannel of one's own on loopback, bound to an SMSC, that calls an API back."""

import asyncio
import re
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.eventually import eventually
from tests.support.ports import free_port
from tests.support.programs import program
from tests.support.smsc import Smsc

TOKEN = "a-token-of-kannels-own"

_CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = adminpw
status-password = statuspw
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
log-file = "{directory}/bearerbox.log"
log-level = 1
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = SMPP
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = ""
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
sendsms-chars = "0123456789+ "
log-file = "{directory}/smsbox.log"
log-level = 1
mo-recode = true
http-request-retry = 20
http-queue-delay = 1

group = sendsms-user
username = pillarbox
password = secret
concatenation = true
max-messages = 10
omit-empty = true

group = sms-service
keyword = default
get-url = "{texts_url}?from=%p&to=%P&text=%b&coding=%c&charset=%C&id=%I&at=%T"
max-messages = 0
catch-all = true
accept-x-kannel-headers = false
"""


@dataclass(frozen=True)
class RunningKannel:
    """Where it can be reached."""

    url: str
    status_url: str

    async def notes(self, centre: Smsc) -> None:
        """Wait until it has noted all texts that its SMSC took: receipts that come earlier it loses."""
        await eventually(lambda: self._has_noted(centre))

    async def _has_noted(self, centre: Smsc) -> bool:
        page = await asyncio.to_thread(lambda: urllib.request.urlopen(self.status_url, timeout=10).read())
        found = re.search(rb"DLR: (\d+) queued", page)
        return found is not None and int(found[1]) == centre.wanted - len(centre.answered)


@asynccontextmanager
async def kannel(directory: Path, centre: Smsc, texts_url: str) -> AsyncIterator[RunningKannel]:
    """Run a Kannel until the block ends; its SMSC sends receipts when it is ready for them.

    Args:
        directory: an empty one, for its configuration and logs.
        centre: the SMSC to bind to.
        texts_url: what to GET when somebody sends a text, without a query.
    """
    bearerbox, smsbox = program("bearerbox", "kannel"), program("smsbox", "kannel")
    ports = {name: free_port() for name in ("admin", "smsbox", "sendsms")}
    file = directory / "kannel.conf"
    file.write_text(
        _CONFIGURATION.format(directory=directory, smsc=centre.port, texts_url=texts_url, **ports)
    )
    async with _running(bearerbox, file, ports["smsbox"]), _running(smsbox, file, ports["sendsms"]):
        running = RunningKannel(
            f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms",
            f"http://127.0.0.1:{ports['admin']}/status.txt?password=statuspw",
        )
        centre.before_receipt = lambda: running.notes(centre)
        yield running


@asynccontextmanager
async def _running(box: str, file: Path, port: int) -> AsyncIterator[None]:
    """A process, once it listens."""
    null = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(box, "-v", "4", str(file), stdout=null, stderr=null)
    try:
        await _listens(port, process)
        yield
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _listens(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(30):
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
    raise RuntimeError("Kannel ended at once: its logs say why")
