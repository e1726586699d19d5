"""A short message centre to send through: an SMPP server of others' making, with networks and phones behind it.

The last digit of a number decides what becomes of a text to it, see `Outcome`. `python -m tests.support.smsc PORT` runs
one that can be killed.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import smpp34

from tests.support.ports import free_port

UNDELIVERABLE, REFUSED, THROTTLED, SILENT, EXPIRED, HASTY, QUEUE_FULL = "1", "2", "3", "4", "5", "6", "7"
_STATES = {UNDELIVERABLE: ("UNDELIV", 5, "001"), EXPIRED: ("EXPIRED", 3, "000")}
_REFUSALS = {
    REFUSED: smpp34.ESME_RINVDSTADR,
    THROTTLED: smpp34.ESME_RTHROTTLED,
    QUEUE_FULL: smpp34.ESME_RMSGQFUL,
}


@dataclass
class Smsc:
    """What it was handed, and what its receipts were answered.

    Attributes:
        ids: how the numbers of messages are written in answers, and in receipts' text.
        by_parameters: whether receipts have their parameters; else they are text only.
        accept: whether texts are answered at all.
        before_receipt: what is waited for before a receipt is sent.
        wanted: how many receipts were asked for, with texts that were taken.
    """

    port: int
    ids: tuple[str, str] = ("{:08x}", "{:08x}")
    by_parameters: bool = True
    accept: bool = True
    before_receipt: Callable[[], Awaitable[None]] | None = None
    wanted: int = 0
    submitted: list[smpp34.SubmitSmEvent] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    sessions: dict[str, smpp34.Esme] = field(default_factory=dict)
    bound: asyncio.Event = field(default_factory=asyncio.Event)
    _held: list[smpp34.SubmitSmEvent] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def text(
        self, octets: bytes, source: str = "447700900123", to: str = "447700900999", **more
    ) -> int:
        """Bring a text from a phone; the status that it was answered with."""
        session = list(self.sessions.values())[-1]
        answer = await session.deliver_sm(to, octets, source_addr=source, **more)
        return answer.command_status

    async def serve(self, server: smpp34.Server) -> None:
        """Until cancelled."""
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                self.sessions[event.session_id] = event
                self.bound.set()
            elif isinstance(event, smpp34.Unbound):
                self.sessions.pop(event.session_id, None)
            elif isinstance(event, smpp34.SubmitSmEvent):
                self.submitted.append(event)
                task = asyncio.create_task(self._handle(event, len(self.submitted)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _handle(self, event: smpp34.SubmitSmEvent, number: int) -> None:
        ending = event.destination_addr[-1]
        if not self.accept:
            self._held.append(event)  # whoever lets go of it refuses it
            return
        if ending in _REFUSALS:
            event.reject(_REFUSALS[ending])
            return
        wanted = event.registered_delivery & 1
        self.wanted += wanted
        if wanted and ending == HASTY:
            await self._receipt(event, number)
        event.accept(self.ids[0].format(number))
        if wanted and ending not in (HASTY, SILENT):
            await self._receipt(event, number)

    async def _receipt(self, event: smpp34.SubmitSmEvent, number: int) -> None:
        if self.before_receipt:
            await self.before_receipt()
        word, state, error = _STATES.get(event.destination_addr[-1], ("DELIVRD", 2, "000"))
        name = self.ids[1].format(number)
        now = time.strftime("%y%m%d%H%M", time.gmtime())
        text = f"id:{name} sub:001 dlvrd:001 submit date:{now} done date:{now} stat:{word} err:{error} text:Hello"
        parameters = [
            smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, name.encode() + b"\0"),
            smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, bytes([state])),
        ]
        answer = await self.sessions[event.session_id].deliver_sm(
            event.source_addr,
            text.encode(),
            source_addr=event.destination_addr,
            esm_class=0x04,
            tlvs=parameters if self.by_parameters else [],
        )
        self.answered.append(answer.command_status)


@asynccontextmanager
async def smsc(port: int | None = None, **more) -> AsyncIterator[Smsc]:
    """Serve on loopback."""
    simulated = Smsc(port or free_port(), **more)
    server = smpp34.Server("127.0.0.1", simulated.port, system_id="SIM")
    await server.start()
    serving = asyncio.create_task(simulated.serve(server))
    try:
        yield simulated
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
        await server.stop()


async def _alone(port: int) -> None:
    async with smsc(port):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(int(sys.argv[1])))
