"""Checks of limits before a sending request is looked at (public API contract, sections 3 and 5)."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request

from pillarbox.api.auth import Caller
from pillarbox.api.errors import ApiError
from pillarbox.api.state import more_headers, store_of
from pillarbox.messages.daily_limits import daily_limit_message
from pillarbox.messages.limits import (
    LIVE_DEFAULTS,
    rate_limit_message,
    seconds_until_next,
)
from pillarbox.store.allowances import Allowed, Bucket, Place, bucket_of, today
from pillarbox.store.notifications import ClaimLapsedError, NewNotification


class Allowance:
    """What a request may use up today; what it does not use is given back."""

    def __init__(self, request: Request, caller: Caller, channel: str | None) -> None:
        self._request = request
        self._store = store_of(request)
        self._allowances = self._store.allowances
        self._caller = caller
        self._bucket = bucket_of(caller.service.id, caller.key.key_type, caller.service.rate_limit)
        self._place = self._place_of(channel) if channel else None
        self._taken: list[Place] = []

    @property
    def looks_ample(self) -> bool:
        """Whether the last one who asked got what there was to get."""
        return not self._allowances.ran_out(self._bucket, self._place)

    async def begin(self) -> None:
        """Take a token, and a place for one message of the channel, if one is named.

        Raises:
            ApiError: 429, for the rate first, then for the day.
        """
        self._heed(await self._allowances.take(self._bucket, self._place))

    async def begin_and_store(self, new: NewNotification) -> None:
        """Begin, and store a message in the same statement.

        Raises:
            ApiError: as `begin` does; nothing is stored then.
            As `Notifications.add` does; the message does not count then.
        """
        allowed, fate = await self._store.admissions.add(new, self._bucket, self._place)
        self._heed(allowed)
        if fate == "key taken":
            await self.give_back()
            raise ClaimLapsedError
        try:
            if fate == "not yet":
                await self._store.notifications.add(new)
        except BaseException:
            await self.give_back()
            raise

    async def take(self, channel: str) -> None:
        """Take a place for a message that counts for another channel, too.

        Raises:
            ApiError: 429 `Exceeded send limits …`.
        """
        place = self._place_of(channel)
        self._keep(place, await self._allowances.take(None, place))

    async def take_many(self, channel: str, wanted: int) -> int:
        """Take places for many messages; return for how many there were places."""
        place = self._place_of(channel)
        if place is None or wanted == 0:
            return wanted
        taken = await self._allowances.take_places(place, wanted)
        self._taken.extend([place] * taken)
        return taken

    async def release(self, channel: str, times: int) -> None:
        """Give back so many places of a channel: their messages are refused for another reason."""
        for place in [place for place in self._taken if place.channel == channel][:times]:
            self._taken.remove(place)
            await self._allowances.give_back(place)

    async def give_back(self) -> None:
        """Give back what was taken: nothing was stored."""
        places, self._taken = Counter(self._taken), []
        for place, times in places.items():
            await self._allowances.give_back(place, times)

    def _place_of(self, channel: str) -> Place | None:
        """Messages of test keys take no place; they are only stopped by a limit of 0."""
        most = self._most(channel)
        if self._caller.key.key_type == "test" and most > 0:
            return None
        return today(self._caller.service.id, channel, most)

    def _most(self, channel: str) -> int:
        """In trial mode test keys are measured by what live services get (contract, section 5)."""
        service = self._caller.service
        if self._caller.key.key_type == "test" and service.restricted:
            return LIVE_DEFAULTS[channel]
        return service.daily_limits[channel]

    def _heed(self, allowed: Allowed) -> None:
        _tell_rate(self._request, self._bucket, allowed)
        if not allowed.passes:
            message = rate_limit_message(self._bucket.key_type, self._bucket.per_minute)
            raise ApiError(429, "RateLimitError", (message,))
        self._keep(self._place, allowed)

    def _keep(self, place: Place | None, allowed: Allowed) -> None:
        if place is None:
            return
        if not allowed.placed:
            message = daily_limit_message(place.channel, place.most)
            raise ApiError(429, "TooManyRequestsError", (message,))
        self._taken.append(place)


@asynccontextmanager
async def allowance(request: Request, caller: Caller, channel: str | None) -> AsyncIterator[Allowance]:
    """See that the caller may send one more message; take its place back if the request fails.

    Without a channel the request takes a token only.

    Raises:
        ApiError: 429, for the rate first, then for the day.
    """
    allowed = Allowance(request, caller, channel)
    await allowed.begin()
    try:
        yield allowed
    except BaseException:
        await allowed.give_back()
        raise


def _tell_rate(request: Request, bucket: Bucket, allowed: Allowed) -> None:
    """Tell every caller of a sending route how much is left, and those who must wait how long."""
    wait = seconds_until_next(allowed.tokens, bucket.per_minute)
    more_headers(request).extend(
        (
            (b"ratelimit-limit", b"%d" % (bucket.size - 1)),
            (b"ratelimit-remaining", b"%d" % max(0, allowed.tokens - 1)),
            (b"ratelimit-reset", b"%d" % wait),
        )
    )
    if not allowed.passes:
        more_headers(request).append((b"retry-after", b"%d" % max(1, wait)))
