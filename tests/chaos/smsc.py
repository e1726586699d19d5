"""An SMSC that misbehaves. It knows nothing again: each text that it is handed is a text of its own (SMPP 3.4)."""

import asyncio
import re
import struct
import uuid
from itertools import count
from typing import Any

from tests.chaos.counterpart import Counterpart, garbage, main
from tests.chaos.receipts import Receipts
from tests.chaos.scene import TOKEN, Scene
from tests.support.smsc_stub import BIND, DELIVER, ENQUIRE, NACK, SUBMIT, UNBIND, pdu

PATIENCE = 3  # seconds that Pillarbox waits for an answer
_THROTTLED, _QUEUE_FULL, _BIND_FAILED = 0x58, 0x14, 0x0D
_FAULTS = ("throttled", "queue full", "lost", "hang up", "stall", "garbage", "late")
_STATES = {
    "delivered": "DELIVRD",
    "permanent-failure": "UNDELIV",
    "temporary-failure": "EXPIRED",
    "pending": "ENROUTE",
}


class Session:
    """A connection that is bound."""

    def __init__(self, writer: asyncio.StreamWriter, who: str) -> None:
        self.writer = writer
        self.who = who
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[int]] = {}

    async def deliver(self, body: bytes) -> int | None:
        """Bring something; the status that it was answered with, None if nobody answered."""
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        self.writer.write(pdu(DELIVER, number, body))
        try:
            return await asyncio.wait_for(self._answers[number], 8)
        except TimeoutError:
            return None
        finally:
            del self._answers[number]

    def answered(self, number: int, status: int) -> None:
        """An answer came."""
        waiting = self._answers.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(status)


class Smsc(Counterpart):
    """Takes texts."""

    name = "smsc"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._receipts = Receipts(self.book, self.weather, self._tell, intermediate=True)
        self._sessions: set[Session] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        self._receipts.resume()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: str) -> None:
        session = Session(writer, who)
        try:
            while await self._one(session, reader):
                pass
        finally:
            self._sessions.discard(session)

    async def _one(self, session: Session, reader: asyncio.StreamReader) -> bool:
        length, command, status, number = struct.unpack("!IIII", await reader.readexactly(16))
        body = await reader.readexactly(length - 16)
        if command == BIND:
            return self._bind(session, number)
        if command == SUBMIT:
            task = asyncio.create_task(self._submit(session, number, body))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif command == DELIVER | NACK:
            session.answered(number, status)
        elif command in (ENQUIRE, UNBIND):
            session.writer.write(pdu(command | NACK, number))
        return command != UNBIND

    def _bind(self, session: Session, number: int) -> bool:
        fault = self.weather.fault("refuse", "hang up", "", "")
        if fault == "hang up":
            return False
        status = _BIND_FAILED if fault == "refuse" else 0
        session.writer.write(pdu(BIND | NACK, number, b"SIM\0" if not status else b"", status))
        if not status:
            self._sessions.add(session)
        return True

    async def _submit(self, session: Session, number: int, body: bytes) -> None:
        found = re.search(TOKEN.encode(), body)
        assert found is not None, body
        token = found[0].decode()
        fault = self.weather.fault(*_FAULTS)
        if fault in ("throttled", "queue full", "lost"):
            self.book.write("refused", token=token, fault=fault)
            self._refuse(session, number, fault)
            return
        theirs = uuid.uuid4().hex
        self.book.write("took", token=token, theirs=theirs, fault=fault, who=session.who)
        if self._receipts.plan(token, theirs=theirs):
            await asyncio.sleep(0.3)
        await self._end(session, number, theirs, fault)

    def _refuse(self, session: Session, number: int, fault: str) -> None:
        if fault == "lost":
            session.writer.transport.abort()
        else:
            status = _THROTTLED if fault == "throttled" else _QUEUE_FULL
            session.writer.write(pdu(SUBMIT | NACK, number, b"", status))

    async def _end(self, session: Session, number: int, theirs: str, fault: str | None) -> None:
        """How a text that was taken is answered."""
        if fault == "stall":
            return
        if fault == "late":
            await asyncio.sleep(self.weather.seconds(0.2, PATIENCE - 0.5))
        if fault == "hang up":
            session.writer.transport.abort()
        elif fault == "garbage":
            session.writer.write(b"\xff" + garbage())
        else:
            session.writer.write(pdu(SUBMIT | NACK, number, theirs.encode() + b"\0"))

    async def _tell(self, receipt: dict[str, Any]) -> bool:
        if not self._sessions:
            return False
        session = min(self._sessions, key=id) if self.weather.chance(0.5) else max(self._sessions, key=id)
        return await session.deliver(_receipt(receipt)) == 0


def _receipt(receipt: dict[str, Any]) -> bytes:
    word = _STATES[receipt["status"]]
    text = f"id:{receipt['theirs']} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:{word} err:000"
    esm_class = 0x20 if receipt["status"] == "pending" else 0x04
    addresses = b"\0" + b"\1\1" + b"447700900123\0" + b"\1\1" + b"447700900999\0"
    fixed = bytes([esm_class, 0, 0, 0, 0, 0, 0, 0, 0, len(text)])
    return addresses + fixed + text.encode()


if __name__ == "__main__":
    main(Smsc)
