"""Shared commits: what arrives while one statement is under way goes out together with the next (design, section 4)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from psycopg import DataError

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batch(Generic[Item, Answer]):
    """Gathers items and writes them with one statement at a time; a lone item waits for nobody.

    `write` takes the items of one statement and gives an answer for each, in order. If it fails on account of what
    one of the items holds, each is written by itself, so that only the culprit's caller hears of it.
    """

    def __init__(
        self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]], most: int = 500
    ) -> None:
        self._write = write
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Answer:
        """Return the answer to this item once the statement that it went out with has committed."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        while self._waiting:
            await self._gather()
            now, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._write_together(now)
        self._writer = None

    async def _gather(self) -> None:
        """Let come along whoever arrives without delay, for two turns of the event loop at most.

        Whoever waited for all who keep coming would have nobody left to look at while the statement is under way.
        """
        for _ in range(2):
            before = len(self._waiting)
            await asyncio.sleep(0)
            if len(self._waiting) in (before, self._most):
                return

    async def _write_together(self, waiting: Sequence[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._write([item for item, _ in waiting])
        except DataError as error:
            if len(waiting) == 1:
                _refuse(waiting, error)
                return
            for one in waiting:
                await self._write_together([one])
        except Exception as error:  # noqa: BLE001 - each waiting caller must hear of it, whatever it is
            _refuse(waiting, error)
        else:
            for (_, future), answer in zip(waiting, answers, strict=True):
                if not future.done():  # a caller that hung up no longer waits
                    future.set_result(answer)


def _refuse(waiting: Sequence[tuple[Item, asyncio.Future[Answer]]], error: Exception) -> None:
    for _, future in waiting:
        if not future.done():
            future.set_exception(error)
