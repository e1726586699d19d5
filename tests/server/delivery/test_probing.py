"""A provider that rests is asked for a sign of life before a message is risked on it."""

import asyncio

import pytest

from pillarbox.delivery.probing import probe_those_that_rest
from pillarbox.delivery.routing import Routing, Way, hear
from pillarbox.providers.base import Busy
from tests.support.delivering import ScriptedProvider


class Probed(ScriptedProvider):
    """Says how it is."""

    def __init__(self, *signs):
        super().__init__()
        self.signs = list(signs)
        self.asked = 0

    async def probe(self):
        self.asked += 1
        sign = self.signs.pop(0)
        if isinstance(sign, Exception):
            raise sign
        return sign


def resting(provider):
    way = Way(provider)
    for _ in range(5):
        hear(way, Busy("down"), 0.0)
    return way


async def test_nobody_is_asked_who_is_well_or_rests_still():
    well, rests = Probed(), Probed()
    await probe_those_that_rest([Way(well), resting(rests)], now=0.5)
    assert (well.asked, rests.asked) == (0, 0)


async def test_who_is_found_well_gets_a_message_again():
    way = resting(Probed(None))
    assert Routing([way]).choose() is None
    await probe_those_that_rest([way], now=1.0)
    assert Routing([way]).choose() is way


@pytest.mark.parametrize("sign", ["no connection", OSError("a bug of ours"), RuntimeError("a bug of ours")])
async def test_who_is_not_well_rests_for_longer(sign):
    way = resting(Probed(sign))
    await probe_those_that_rest([way], now=1.0)
    assert Routing([way]).choose() is None
    assert way.health.rests_until == 3.0


async def test_who_is_found_well_is_not_asked_again_and_again():
    provider = Probed(None)
    way = resting(provider)
    for _ in range(3):
        await probe_those_that_rest([way], now=1.0)
    assert provider.asked == 1


async def test_one_that_trips_does_not_keep_others_from_being_asked():
    good = Probed(None)
    ways = [resting(Probed(RuntimeError("a bug of ours"))), resting(good)]
    await asyncio.wait_for(probe_those_that_rest(ways, now=1.0), 5)
    assert good.asked == 1
