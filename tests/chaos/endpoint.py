"""The service's own endpoint for callbacks, which misbehaves, too."""

import asyncio
import json

from tests.chaos.counterpart import Counterpart, garbage, main
from tests.support.gateway import Asked, answer, read_request

_FAULTS = ("error", "busy", "no", "hang up", "stall", "garbage", "late")
_ANSWERS = {
    "error": answer(500, b"trouble"),
    "busy": answer(429, b"later"),
    "no": answer(404, b"nobody here"),
}


class Endpoint(Counterpart):
    """Writes down what it was told, and whether it said that it has heard."""

    name = "endpoint"

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: str) -> None:
        if self.weather.fault("hang up unheard", "", ""):
            return
        while True:
            said = await self._answer(await read_request(reader))
            if said is None:
                return
            writer.write(said)
            await writer.drain()

    async def _answer(self, asked: Asked) -> bytes | None:
        told = json.loads(asked.body)
        fault = "error" if _is_deaf(told["id"]) else self.weather.fault(*_FAULTS)
        self.book.write("called", id=told["id"], status=told["status"], fault=fault)
        if fault in _ANSWERS:
            return _ANSWERS[fault]
        if fault == "stall":
            await asyncio.sleep(7)
        if fault == "late":
            await asyncio.sleep(self.weather.seconds(0.5, 4))
        if fault in ("hang up", "stall"):
            return None
        return garbage() if fault == "garbage" else answer(204, b"")


def _is_deaf(identifier: str) -> bool:
    """Of some messages it never wants to hear, even in fair weather."""
    return int(identifier[-2:], 16) < 5


if __name__ == "__main__":
    main(Endpoint)
