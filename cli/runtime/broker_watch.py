"""The embedded broker is started again should it end."""

import asyncio
import logging

from deploy.broker import Broker
from emc.errors import EmcError

_log = logging.getLogger("emc.service")
_LOOK_EVERY = 1.0
_LONGEST_PAUSE = 30.0


class BrokerWatch:
    """Looks after a broker from its making on, until `stop`."""

    def __init__(self, broker: Broker) -> None:
        self._looking = asyncio.create_task(_keep_running(broker))

    async def stop(self) -> None:
        """Looks no more."""
        self._looking.cancel()


async def _keep_running(broker: Broker) -> None:
    """Starts the broker again, on its port, should it end; meanwhile the worker waits and says so."""
    pause = _LOOK_EVERY
    while True:
        await asyncio.sleep(pause)
        if broker.running:
            pause = _LOOK_EVERY
            continue
        _log.error("the broker has ended and is started again", extra={"log": str(broker.log.server)})
        try:
            await asyncio.to_thread(broker.start)
        except EmcError as error:
            pause = min(pause * 2, _LONGEST_PAUSE)
            _log.error("the broker did not start", extra={"reason": str(error), "pause": pause})
