"""The look after the stream: whether it runs, has lost nothing, and reads the topic that there is."""

import asyncio
import logging
import time

from emc.errors import EmcError
from emc.waiting import Component, Waiting, component_of
from streams.batch.retrying import told
from streams.reading.app import SESSION_TIMEOUT
from streams.reading.continuity import Standstill
from streams.reading.member import Member
from streams.reading.topic import TopicFacts, TopicReader
from streams.supervision.phases import Phase
from streams.supervision.tenancy import Tenancy

_log = logging.getLogger("emc.worker")
START_TIMEOUT = SESSION_TIMEOUT + 8
"""Seconds in which a worker must have joined: longer than the session of a member killed just before, which
holds the group's rebalance for that long, and within the 30 s that a start promises.
"""
_LONGEST_PAUSE = 15.0
_PATIENT_LEAVE_TIMEOUT = 30.0
_ROUND = 0.5
_LOOK_EVERY = 5.0
LEFT_OUT = 40.0
"""Seconds without a place in the group, after which no rebalance is waited for: those end within the session
timeout. aiokafka can wait for ever there, as after a stop so long that others have the group meanwhile.
"""
UNREAD = 60.0
"""Seconds without a lease of the partitions that the group has given. Faust can wait there for a rebalance
that does not come: after a seek that took too long, or a partition that moved meanwhile.
"""
STANDS_AT = 6
"""Questions, ten seconds apart, at which a partition is unread where it was unread before: a minute, on a
busy machine longer. Faust and aiokafka can leave out a partition that they hold, until the next rebalance.
"""
_ASK_EVERY = 10.0


class Watch:
    """Joins the group, and joins it anew whenever something is wrong."""

    def __init__(self, tenancy: Tenancy, member: Member, topic: TopicReader) -> None:
        self._tenancy, self._member, self._topic = tenancy, member, topic
        self._facts: TopicFacts | None = None
        self._looked = self._asked = 0.0
        self._standstill, self._unread = Standstill(), Standstill(STANDS_AT)
        self._in_group = self._reading = time.monotonic()  # when it last was, and was to read what it has

    async def join(self) -> None:
        """Begins a new app; raises errors of every kind, then the member is to leave."""
        async with asyncio.timeout(START_TIMEOUT):
            self._in_group = self._reading = time.monotonic()
            self._facts = await asyncio.to_thread(self._topic.facts)
            await self._member.join()

    async def run(self) -> None:
        """Looks after the stream until the worker is to leave."""
        pause = 1.0
        while not self._tenancy.is_leaving:
            await asyncio.sleep(_ROUND)
            if self._tenancy.phases.present is Phase.PAUSED:
                continue
            fault = await self._fault()
            if fault is None:
                pause = 1.0 if self._tenancy.is_working else pause
                continue
            await self._join_anew(pause, fault)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _join_anew(self, pause: float, reason: str) -> None:
        """Gives up the app that there is, and after a pause begins a new one."""
        tenancy = self._tenancy
        tenancy.give_up()
        if tenancy.waits.present is None:
            tenancy.waits.stream = await self._nearest_cause()
        _log.warning("starting the stream again", extra={"reason": reason, "pause": pause})
        await self._member.leave(_PATIENT_LEAVE_TIMEOUT)
        await asyncio.sleep(pause)
        if not tenancy.phases.may(Phase.JOINING):
            return
        tenancy.phases.enter(Phase.JOINING)
        try:
            await self.join()
        except Exception as error:  # Faust and aiokafka raise of every kind here
            tenancy.give_up()
            await self._member.leave()
            tenancy.waits.stream = await self._nearest_cause()
            _log.warning("the stream did not start", extra={"reason": reason_of(error)})

    async def _nearest_cause(self) -> Waiting:
        """Who keeps this worker out of the group, if anybody does."""
        stranger = await asyncio.to_thread(self._topic.held_by_others)
        return Waiting(Component.KAFKA, stranger or f"Kafka at {self._topic.bootstrap}")

    async def _fault(self) -> str | None:
        """Why the app must begin anew, None when it runs and reads the topic that there is.

        The broker is asked now and then.
        """
        waits = self._tenancy.waits.present
        if self._tenancy.phases.present is Phase.WAITING:
            return (
                "what it had read was given up, as after a pause"
                if waits is None
                else f"it waits for {waits.sentence}"
            )
        if not self._member.is_running:
            return "it has ended"
        if (standing := self._stands_aside()) is not None:
            return standing
        if self._tenancy.inbox.has_gap():
            return self._lost("messages were passed over")
        if time.monotonic() - self._looked < _LOOK_EVERY:
            return None
        self._looked = time.monotonic()
        try:
            return await self._look()
        except Exception as error:  # whatever it is, this look must not be the last
            self._cannot_look(error)
            return None

    def _stands_aside(self) -> str | None:
        """Why it must join anew: for too long it had no place in the group, or no lease of its partitions."""
        now = time.monotonic()
        if self._member.is_in_group:
            self._in_group = now
        if self._tenancy.lease is not None or not self._member.has_partitions:
            self._reading = now
        if now - self._in_group > LEFT_OUT:
            return "it has no place in the group"
        return "it does not read the partitions that it has" if now - self._reading > UNREAD else None

    @staticmethod
    def _lost(reason: str, **more: object) -> str:
        _log.warning(reason, extra=more)
        return reason

    async def _look(self) -> str | None:
        """Asks the broker for the topic, and Faust for what it has fetched; raises when either cannot."""
        facts = await asyncio.to_thread(self._topic.facts)
        is_known = self._member.knows(facts.partitions)
        missing = {} if self._tenancy.busy.locked() else self._member.missing()
        if self._tenancy.is_working:
            self._tenancy.waits.stream = None
        if self._standstill.looks(missing):
            return self._lost("messages were not handed over", missing=missing)
        if not is_known or facts != self._facts:
            return self._lost("the topic is another than before", partitions=facts.partitions)
        if time.monotonic() - self._asked < _ASK_EVERY:
            return None
        self._asked = time.monotonic()
        return await self._ask()

    async def _ask(self) -> str | None:
        """Asks the broker what there is to read, unless what waits here keeps Faust from handing it over."""
        lease, inbox = self._tenancy.lease, self._tenancy.inbox
        if not (self._tenancy.is_working and inbox.is_empty):
            return None
        try:
            ends = await asyncio.to_thread(self._topic.ends)
        except EmcError:  # as while a partition has no leader: then nobody can read it
            return None
        behind = inbox.behind(ends) if self._tenancy.lease is lease else {}
        if self._unread.looks(behind):
            return self._lost("messages are not read", standing=behind)
        return None

    def _cannot_look(self, error: Exception) -> None:
        waits = self._tenancy.waits
        if waits.stream is None:
            reason = str(error) if isinstance(error, EmcError) else type(error).__name__
            waits.stream = Waiting(component_of(error), reason)
            _log.warning("waiting", extra=told(waits.stream))


def reason_of(error: Exception) -> str:
    """Why joining failed. Our own errors quote no values; of any other only its kind is told."""
    if isinstance(error, EmcError):
        return str(error)
    return f"within {START_TIMEOUT:.0f} s" if isinstance(error, TimeoutError) else f"({type(error).__name__})"
