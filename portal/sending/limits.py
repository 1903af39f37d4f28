"""How much one caller may send: in events and in requests a minute, counted in this process.

EMC_SEND_EVENTS     events a minute of one token (600000)
EMC_SEND_REQUESTS   requests a minute of one token (60000)
"""

import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from emc.access import Caller
from emc.settings.door import Door
from portal.errors import TooManyRequests


class SendLimits:
    """Counts what callers send. For the loop that serves them.

    The storage for threads would begin a thread for most requests, to forget windows that have ended.
    """

    def __init__(self, events: int = 600_000, requests: int = 60_000) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._events: RateLimitItem = RateLimitItemPerMinute(events, namespace="events")
        self._requests: RateLimitItem = RateLimitItemPerMinute(requests, namespace="requests")

    @classmethod
    def of(cls, door: Door) -> "SendLimits":
        """As the settings say."""
        return cls(door.send_events, door.send_requests)

    async def take_request(self, caller: Caller) -> None:
        """One request; TooManyRequests says when to come again."""
        await self._take(self._requests, caller, 1, "requests")

    async def take_events(self, caller: Caller, events: int) -> None:
        """So many events, all of them or none."""
        await self._take(self._events, caller, events, "events")

    async def _take(self, limit: RateLimitItem, caller: Caller, cost: int, what: str) -> None:
        who = caller.token or caller.name
        if cost == 0:
            return
        # Asked first, or what is refused would take the room that less than it still has.
        has_room = cost == 1 or await self._limiter.test(limit, who, cost=cost)
        if has_room and await self._limiter.hit(limit, who, cost=cost):
            return
        ends_at = (await self._limiter.get_window_stats(limit, who)).reset_time
        raise TooManyRequests(
            f"expected at most {limit.amount} {what} a minute of one token", round(ends_at - time.time())
        )
