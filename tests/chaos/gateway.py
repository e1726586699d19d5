"""An HTTP gateway that knows references again, and misbehaves."""

import asyncio
import json
import re
from typing import Any

import aiohttp

from tests.chaos.counterpart import Counterpart, garbage, main
from tests.chaos.receipts import Receipts
from tests.chaos.scene import PASSWORD, TOKEN, Scene
from tests.support.gateway import Asked, answer, read_request

DESCRIPTION = """
values: {api: {}, token: {}}
request:
  url: "{api}/texts"
  json: {to: "{to}", text: "{content}", reference: "{reference}"}
recognises_reference: true
answers:
  accepted: {where: [{json: id}]}
  reference: {json: id}
receipts:
  authentication: {bearer: "{token}"}
  format: json
  reference: reference
  names: ours
  status: state
  statuses:
    delivered: delivered
    permanent-failure: permanent-failure
    temporary-failure: temporary-failure
    pending: pending
"""
_FAULTS = ("busy", "unavailable", "lost", "hang up", "stall", "garbage", "nonsense", "late", "goodbye")
_REFUSALS = {
    "no": answer(400, b"{}"),
    "busy": answer(429, b"{}", Retry_After="1"),
    "unavailable": answer(503, b"{}"),
}


class Gateway(Counterpart):
    """Takes a reference once; asked again, it says what it said before."""

    name = "gateway"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._taken = {line["reference"] for line in self.book.lines() if line["what"] == "took"}
        self._receipts = Receipts(self.book, self.weather, self._tell, intermediate=True)

    def begin(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=8))
        self._receipts.resume()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: str) -> None:
        if self.weather.fault("hang up unheard", "", ""):
            return
        while True:
            said = await self._answer(await read_request(reader), who)
            if said is None:
                return
            writer.write(said)
            await writer.drain()
            if self.weather.fault("goodbye", "", ""):
                return

    async def _answer(self, asked: Asked, who: str) -> bytes | None:
        said = json.loads(asked.body)
        token = re.search(TOKEN, said["text"])
        assert token is not None, said
        fault = "no" if _is_unwelcome(token[0]) else self.weather.fault(*_FAULTS)
        if fault in ("no", "busy", "unavailable", "lost"):
            self.book.write("refused", token=token[0], reference=said["reference"], fault=fault)
            return _REFUSALS.get(fault)
        await self._take(token[0], said["reference"], fault, who)
        return await self._end(said["reference"], fault)

    async def _take(self, token: str, reference: str, fault: str | None, who: str) -> None:
        known = reference in self._taken
        self._taken.add(reference)
        self.book.write("known" if known else "took", token=token, reference=reference, fault=fault, who=who)
        if not known and self._receipts.plan(token, reference=reference):
            await asyncio.sleep(0.3)

    async def _end(self, reference: str, fault: str | None) -> bytes | None:
        """How a message that was taken is answered."""
        if fault == "stall":
            await asyncio.sleep(12)
        if fault == "late":
            await asyncio.sleep(self.weather.seconds(0.5, 4))
        if fault in ("hang up", "stall"):
            return None
        said = {"garbage": garbage(), "nonsense": answer(200, b'{"id": ')}
        return said.get(fault or "", answer(200, json.dumps({"id": f"g-{reference}"}).encode()))

    async def _tell(self, receipt: dict[str, Any]) -> bool:
        url = f"{self.scene.url('api-1' if self.weather.chance(0.5) else 'api-2')}/providers/gateway/receipts"
        said = {"reference": receipt["reference"], "state": receipt["status"]}
        patience = 0.01 if self.weather.fault("hang up", "", "") else 8
        try:
            async with self._session.post(
                url,
                json=said,
                headers={"Authorization": f"Bearer {PASSWORD}"},
                timeout=aiohttp.ClientTimeout(total=patience),
            ) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


def _is_unwelcome(token: str) -> bool:
    """Some texts it refuses for good, even in fair weather."""
    return int(token[1:3], 16) < 5


if __name__ == "__main__":
    main(Gateway)
