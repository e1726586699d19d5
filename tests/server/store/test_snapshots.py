"""Snapshots: one load for all who ask, a little old at most, and nobody's hanging up fails another."""

import asyncio

import pytest

from pillarbox.store.snapshots import Snapshots


class Loads:
    """A source that counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken = False

    async def __call__(self, key: str) -> str:
        self.asked.append(key)
        await self.gate.wait()
        if self.broken:
            raise ConnectionError("away")
        return f"{key} {len(self.asked)}"


async def test_many_who_ask_at_once_share_one_load() -> None:
    loads = Loads()
    snapshots = Snapshots(loads, lifetime=60)
    assert set(await asyncio.gather(*(snapshots.get("a") for _ in range(50)))) == {"a 1"}
    assert await snapshots.get("a") == "a 1"
    assert loads.asked == ["a"]


async def test_each_key_has_its_own_value() -> None:
    snapshots = Snapshots(Loads(), lifetime=60)
    assert await asyncio.gather(snapshots.get("a"), snapshots.get("b")) == ["a 1", "b 2"]


async def test_after_its_lifetime_a_value_is_loaded_again() -> None:
    loads = Loads()
    snapshots = Snapshots(loads, lifetime=0.05)
    assert await snapshots.get("a") == "a 1"
    await asyncio.sleep(0.06)
    assert await snapshots.get("a") == "a 2"


async def test_a_caller_that_hangs_up_does_not_fail_the_others() -> None:
    loads = Loads()
    loads.gate.clear()
    snapshots = Snapshots(loads, lifetime=60)
    first = asyncio.create_task(snapshots.get("a"))
    await asyncio.sleep(0)
    second = asyncio.create_task(snapshots.get("a"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    loads.gate.set()
    assert await second == "a 1"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_load_that_fails_is_not_kept() -> None:
    loads = Loads()
    loads.broken = True
    snapshots = Snapshots(loads, lifetime=60)
    with pytest.raises(ConnectionError):
        await snapshots.get("a")
    loads.broken = False
    assert await snapshots.get("a") == "a 2"


async def test_made_up_keys_do_not_fill_the_memory() -> None:
    snapshots = Snapshots(Loads(), lifetime=60)
    for number in range(20_001):
        await snapshots.get(str(number))
    assert len(snapshots._kept) <= 10_000
