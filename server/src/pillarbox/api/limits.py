"""Checks of limits before a sending request is looked at (public API contract, sections 3 and 5)."""

from collections import Counter
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
from pillarbox.store.allowances import Allowed, Bucket, Place, today
from pillarbox.store.store import Store


class Allowance:
    """What a request may use up today; what it does not use is given back."""

    def __init__(self, store: Store, caller: Caller) -> None:
        self._allowances = store.allowances
        self._caller = caller
        self._places: list[Place] = []

    async def begin(self, request: Request, channel: str | None) -> None:
        """Take a token, and a place for one message of this channel, if one is named.

        Raises:
            ApiError: 429, for the rate first, then for the day.
        """
        service, key = self._caller.service, self._caller.key
        place = self._place(channel) if channel else None
        bucket = Bucket(service.id, key.key_type, bucket_size(service.rate_limit), service.rate_limit)
        allowed = await self._allowances.take(bucket, place)
        _tell_rate(request, bucket, allowed)
        if not allowed.passes:
            message = rate_limit_message(key.key_type, service.rate_limit)
            raise ApiError(429, "RateLimitError", (message,))
        if channel is not None:
            self._keep(place, channel, placed=allowed.placed)

    async def take(self, channel: str) -> None:
        """Take a place for a message that counts for another channel, too.

        Raises:
            ApiError: 429 `Exceeded send limits …`.
        """
        place = self._place(channel)
        allowed = await self._allowances.take(None, place)
        self._keep(place, channel, placed=allowed.placed)

    async def take_many(self, channel: str, wanted: int) -> int:
        """Take places for many messages; return for how many there were places."""
        place = self._place(channel)
        if place is None or wanted == 0:
            return wanted
        taken = await self._allowances.take_places(place, wanted)
        self._places.extend([place] * taken)
        return taken

    async def release(self, channel: str, times: int) -> None:
        """Give back so many places of a channel: their messages are refused for another reason."""
        for place in [place for place in self._places if place.channel == channel][:times]:
            self._places.remove(place)
            await self._allowances.give_back(place)

    async def give_back(self) -> None:
        """Give back what was taken: nothing was stored."""
        places, self._places = Counter(self._places), []
        for place, times in places.items():
            await self._allowances.give_back(place, times)

    def _place(self, channel: str) -> Place | None:
        """Messages of test keys take no place; they are only stopped by a limit of 0."""
        if self._caller.key.key_type == "test" and self._most(channel) > 0:
            return None
        return today(self._caller.service.id, channel, self._most(channel))

    def _most(self, channel: str) -> int:
        """In trial mode test keys are measured by what live services get (contract, section 5)."""
        service = self._caller.service
        if self._caller.key.key_type == "test" and service.restricted:
            return LIVE_DEFAULTS[channel]
        return service.daily_limits[channel]

    def _keep(self, place: Place | None, channel: str, *, placed: bool) -> None:
        if not placed:
            raise ApiError(429, "TooManyRequestsError", (daily_limit_message(channel, self._most(channel)),))
        if place is not None:
            self._places.append(place)


@asynccontextmanager
async def allowance(request: Request, caller: Caller, channel: str | None) -> AsyncIterator[Allowance]:
    """See that the caller may send one more message; take its place back if the request fails.

    Without a channel the request takes a token only.

    Raises:
        ApiError: 429, for the rate first, then for the day.
    """
    allowed = Allowance(request.state.store, caller)
    await allowed.begin(request, channel)
    try:
        yield allowed
    except BaseException:
        await allowed.give_back()
        raise


def _tell_rate(request: Request, bucket: Bucket, allowed: Allowed) -> None:
    """Tell every caller of a sending route how much is left, and those who must wait how long."""
    wait = seconds_until_next(allowed.tokens, bucket.per_minute)
    headers = request.state.headers
    headers["RateLimit-Limit"] = str(bucket.size - 1)
    headers["RateLimit-Remaining"] = str(max(0, allowed.tokens - 1))
    headers["RateLimit-Reset"] = str(wait)
    if not allowed.passes:
        headers["Retry-After"] = str(max(1, wait))
