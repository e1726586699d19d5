"""Receipts of a counterpart: planned when a message is taken, told until somebody has them, across its own deaths."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tests.chaos.scene import Book, Weather, fate

Tell = Callable[[dict[str, Any]], Awaitable[bool]]

_AGAIN_SECONDS = 0.7


class Receipts:
    """Tells receipts.

    Args:
        book: where they are written down, when planned and when acknowledged.
        weather: how late, how often and in which order.
        tell: tells one, and says whether it was acknowledged.
        intermediate: whether there are receipts that say "not yet".
    """

    def __init__(self, book: Book, weather: Weather, tell: Tell, *, intermediate: bool) -> None:
        self._book = book
        self._weather = weather
        self._tell = tell
        self._intermediate = intermediate
        self._tasks: set[asyncio.Task[None]] = set()
        self._number = 0

    def resume(self) -> None:
        """Go on with what an earlier process had not finished."""
        lines = self._book.lines()
        told = {line["receipt"] for line in lines if line["what"] == "told"}
        self._number = sum(line["what"] == "planned" for line in lines)
        for line in lines:
            if line["what"] == "planned" and line["receipt"] not in told:
                self._start(line, 0.0)

    def plan(self, token: str, **about: str) -> bool:
        """Plan the receipts of a message; whether the first is to be told before the message is answered."""
        final = fate(token)
        if final is None:
            return False
        early = self._weather.chance(0.15)
        wait = 0.0 if early else self._weather.seconds(0.2, 4.0)
        self._plan_one(wait, final, token, about)
        if self._weather.chance(0.2):  # the same once more
            self._plan_one(wait + self._weather.seconds(0.0, 2.0), final, token, about)
        if self._intermediate and self._weather.chance(0.3):  # before the last or, wrongly, behind it
            self._plan_one(wait + self._weather.seconds(-2.0, 1.0), "pending", token, about)
        return early

    def _plan_one(self, wait: float, status: str, token: str, about: dict[str, str]) -> None:
        self._number += 1
        line = {"receipt": self._number, "status": status, "token": token, **about}
        self._book.write("planned", **line)
        self._start(line, max(wait, 0.0))

    def _start(self, line: dict[str, Any], wait: float) -> None:
        task = asyncio.create_task(self._tell_until_heard(line, wait))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_until_heard(self, line: dict[str, Any], wait: float) -> None:
        await asyncio.sleep(wait)
        while not await self._tell(line):  # noqa: ASYNC110 - it is another process that has to hear it
            await asyncio.sleep(_AGAIN_SECONDS)
        about = {name: value for name, value in line.items() if name not in ("at", "what")}
        self._book.write("told", **about)
