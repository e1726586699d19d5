"""Shared commits: one statement at a time for all who wait, and each hears only of its own mistakes."""

import asyncio
from collections.abc import Sequence

import pytest
from psycopg import DataError, OperationalError

from pillarbox.store.batches import Batch


class Writes:
    """A table that notes what each statement held, and refuses what it is told to refuse."""

    def __init__(self, poison: str = "poison") -> None:
        self.statements: list[list[str]] = []
        self.poison = poison
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, items: Sequence[str]) -> Sequence[str]:
        await self.gate.wait()
        self.statements.append(list(items))
        if self.away:
            raise OperationalError("away")
        if self.poison in items:
            raise DataError("a value that cannot be stored")
        return [item.upper() for item in items]


async def test_a_lone_item_waits_for_nobody() -> None:
    writes = Writes()
    assert await Batch(writes).add("a") == "A"
    assert writes.statements == [["a"]]


async def test_what_arrives_during_a_statement_goes_out_with_the_next() -> None:
    writes = Writes()
    writes.gate.clear()
    batch = Batch(writes)
    first = asyncio.create_task(batch.add("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(batch.add(item)) for item in "bcd"]
    await asyncio.sleep(0)
    writes.gate.set()
    assert await asyncio.gather(first, *others) == ["A", "B", "C", "D"]
    assert writes.statements == [["a"], ["b", "c", "d"]]


async def test_no_statement_holds_more_than_so_many_items() -> None:
    writes = Writes()
    batch = Batch(writes, most=3)
    items = [str(number) for number in range(10)]
    assert await asyncio.gather(*(batch.add(item) for item in items)) == items
    assert [len(statement) for statement in writes.statements] == [3, 3, 3, 1]


async def test_a_value_that_cannot_be_stored_fails_its_own_caller_only() -> None:
    writes = Writes()
    batch = Batch(writes)
    answers = await asyncio.gather(
        *(batch.add(item) for item in ("a", "poison", "b")), return_exceptions=True
    )
    assert answers[0] == "A"
    assert isinstance(answers[1], DataError)
    assert answers[2] == "B"


async def test_when_the_database_is_away_all_hear_of_it_and_the_next_are_written() -> None:
    writes = Writes()
    batch = Batch(writes)
    writes.away = True
    answers = await asyncio.gather(*(batch.add(item) for item in "ab"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [OperationalError, OperationalError]
    writes.away = False
    assert await batch.add("c") == "C"


async def test_a_caller_that_hangs_up_fails_nobody_else() -> None:
    writes = Writes()
    writes.gate.clear()
    batch = Batch(writes)
    tasks = [asyncio.create_task(batch.add(item)) for item in "abc"]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[1].cancel()
    await asyncio.sleep(0)
    writes.gate.set()
    assert await tasks[2] == "C"
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]


async def test_a_caller_that_hangs_up_and_whose_value_cannot_be_stored_fails_nobody_else() -> None:
    writes = Writes()
    writes.gate.clear()
    batch = Batch(writes)
    tasks = [asyncio.create_task(batch.add(item)) for item in ("a", "poison", "b")]
    await asyncio.sleep(0)
    tasks[1].cancel()
    writes.gate.set()
    assert await asyncio.gather(tasks[0], tasks[2]) == ["A", "B"]


async def test_who_comes_along_at_once_goes_out_with_the_first() -> None:
    """A statement costs as much as many requests: those that have arrived share it."""
    writes = Writes()
    batch = Batch(writes)

    async def after(turns: int, item: str) -> str:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await batch.add(item)

    assert await asyncio.gather(*(after(turns, "abc"[turns]) for turns in range(3))) == ["A", "B", "C"]
    assert writes.statements == [["a", "b", "c"]]
