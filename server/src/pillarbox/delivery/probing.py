"""Asking providers that rest for a sign of life, before a message is risked on them."""

import asyncio
from collections.abc import Sequence

import structlog

from pillarbox.delivery.routing import Way
from pillarbox.logs import described

log = structlog.get_logger()

_PROBE_SECONDS = 5.0


async def probe_those_that_rest(ways: Sequence[Way], now: float) -> None:
    """Probe each provider whose rest is nearly over; one that is not well rests on.

    Args:
        ways: all providers.
        now: seconds of the clock that their health goes by.
    """
    await asyncio.gather(*(_probe(way, now) for way in ways if way.health.wants_probe(now)))


async def _probe(way: Way, now: float) -> None:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            wrong = await way.provider.probe()
    except TimeoutError:
        wrong = "no answer"
    except Exception as error:  # noqa: BLE001 - a probe that trips must not end the probing of the others
        log.warning("probe failed", provider=way.provider.name, **described(error))
        wrong = type(error).__name__
    if wrong is None:
        log.info("provider is back", provider=way.provider.name)
        way.health.probed()
    else:
        way.health.trouble(wrong, now)
