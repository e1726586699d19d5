"""Checks of limits before a sending request is looked at (public API contract, sections 3 and 5)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request

from pillarbox.api.auth import Caller
from pillarbox.api.errors import ApiError
from pillarbox.messages.daily_limits import daily_limit_message
from pillarbox.messages.limits import (
    LIVE_DEFAULTS,
    bucket_size,
    rate_limit_message,
    seconds_until_next,
)
from pillarbox.store.buckets import Bucket
from pillarbox.store.daily_counts import Place
from pillarbox.store.store import Store


class Allowance:
    """What a request may still use up today; what it does not use is given back."""

    def __init__(self, store: Store, caller: Caller) -> None:
        self._store = store
        self._caller = caller
        self._places: list[Place] = []

    async def take(self, channel: str) -> None:
        """Take a place for one more message of this channel.

        Raises:
            ApiError: 429 `Exceeded send limits …`.
        """
        service, key = self._caller.service, self._caller.key
        most = service.daily_limits[channel]
        if key.key_type == "test":  # never counted, so only a limit of 0 stops it
            most = LIVE_DEFAULTS[channel] if service.restricted else most
            if most > 0:
                return
        place = await self._store.daily_counts.take(service.id, channel, most)
        if place is None:
            raise ApiError(429, "TooManyRequestsError", (daily_limit_message(channel, most),))
        self._places.append(place)

    async def give_back(self) -> None:
        """Give back what was taken: nothing was stored."""
        while self._places:
            await self._store.daily_counts.give_back(self._places.pop())


@asynccontextmanager
async def allowance(request: Request, caller: Caller, channel: str) -> AsyncIterator[Allowance]:
    """See that the caller may send one more message; take its place back if the request fails.

    Raises:
        ApiError: 429, for the rate first, then for the day.
    """
    store: Store = request.state.store
    await _take_token(request, store, caller)
    allowed = Allowance(store, caller)
    try:
        await allowed.take(channel)
        yield allowed
    except BaseException:
        await allowed.give_back()
        raise


async def _take_token(request: Request, store: Store, caller: Caller) -> None:
    per_minute = caller.service.rate_limit
    size = bucket_size(per_minute)
    taken = await store.buckets.take(Bucket(caller.service.id, caller.key.key_type, size, per_minute))
    wait = seconds_until_next(taken.tokens, per_minute)
    headers = request.state.headers
    headers["RateLimit-Limit"] = str(size - 1)
    headers["RateLimit-Remaining"] = str(max(0, taken.tokens - 1))
    headers["RateLimit-Reset"] = str(wait)
    if not taken.passes:
        headers["Retry-After"] = str(max(1, wait))
        message = rate_limit_message(caller.key.key_type, per_minute)
        raise ApiError(429, "RateLimitError", (message,))
