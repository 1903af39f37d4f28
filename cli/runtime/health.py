"""The health answer of a service: how far behind it is, what it waits for, who was last heard of when."""

import time
from collections.abc import Callable
from typing import Any

from emc.errors import EmcError
from emc.waiting import Component, Waiting
from producers.courier import Courier
from sinks.clickhouse.database import Database
from sinks.prometheus.bounded_read import Prompt, TooSlow
from sinks.queries.reader import Reader
from streams.supervision.lag import OpenTransaction
from streams.supervision.worker import Worker

_FRESH = 0.5  # seconds for which an answer of Kafka is given again
_LIMIT = 0.45  # seconds that each component is waited for: together less than one

_PATIENCE = 5.0  # seconds for which ClickHouse may hang before nothing can be answered any more


class Health:
    """Asked for every health answer, from several threads; answers within a second whatever hangs.

    `lag` asks Kafka; `waiting` tells what the worker waits for; `audit` is the last audit's result;
    `broken` lists agencies most of whose events are refused, `warnings` what storage lacks.
    `down`: the tables cannot be read, so no question can be answered. `degraded`: they can, but may be
    behind, the last audit found a difference, or storage gives a warning. A broken source is shown, but
    leaves the status as it is: the others' rates do not suffer.
    """

    def __init__(
        self,
        reader: Reader,
        lag: Callable[[], int],
        waiting: Callable[[], Waiting | None] = lambda: None,
        audit: Callable[[], dict[str, Any] | None] = lambda: None,
        broken: Callable[[], list[str]] = list,
        warnings: Callable[[], list[str]] = list,
        open_transactions: Callable[[], list[OpenTransaction]] = list,
    ) -> None:
        self._lag, self._sources = Prompt(lag, _LIMIT), Prompt(reader.sources, _LIMIT)
        self._waiting, self._audit = waiting, audit
        self._broken, self._warnings = broken, warnings
        self._open = open_transactions
        self._seen: tuple[float, int] | None = None
        self._answered = time.monotonic()

    def __call__(self) -> dict[str, Any]:
        """As the contract says, and what is waited for: the sentence, and the component as a word."""
        lag, problem = self._read_lag()
        agencies, failure = self._read_agencies()
        waiting = self._waiting() or problem or failure
        is_down = failure is not None and time.monotonic() - self._answered > _PATIENCE
        audit, warnings = self._audit(), self._warnings()
        is_behind = waiting is not None or bool(warnings)
        status = "degraded" if is_behind or (audit is not None and audit.get("different")) else "ok"
        if is_down:
            status = "down"
        return {
            "status": status,
            "lag": lag,
            "waiting_for": waiting and waiting.sentence,
            "component": waiting and waiting.component.value,
            "open_transactions": [each._asdict() for each in self._open()],
            "audit": audit,
            "broken_sources": self._broken(),
            "warnings": warnings,
            "agencies": agencies,
        }

    @classmethod
    def of_worker(cls, reader: Reader, worker: Worker) -> "Health":
        """The health of a worker beside its tables."""
        schedule = worker.schedule

        def audit() -> dict[str, Any] | None:
            found = schedule.audit
            return None if found is None else {**found._asdict(), "mended": schedule.mended}

        return cls(
            reader,
            worker.lag,
            worker.waiting,
            audit,
            worker.progress.agencies.broken,
            lambda: schedule.warnings,
            worker.read_lag.open_transactions,
        )

    def _read_lag(self) -> tuple[int | None, Waiting | None]:
        seen = self._seen
        if seen is not None and time.monotonic() - seen[0] < _FRESH and seen[1] > 0:
            return seen[1], None
        try:
            lag = self._lag()
        except EmcError as error:
            return None, Waiting.because_of(error)
        except TooSlow:
            return None, Waiting(Component.KAFKA, f"Kafka to answer within {_LIMIT} s")
        self._seen = (time.monotonic(), lag)
        return lag, None

    def _read_agencies(self) -> tuple[dict[str, dict[str, str]], Waiting | None]:
        """The latest of each agency's sources."""
        latest: dict[str, dict[str, str]] = {}
        try:
            sources = self._sources()
        except EmcError as error:
            self._answered = float("-inf")  # it has said no: that is no matter of patience
            return {}, Waiting.because_of(error)
        except TooSlow:
            return {}, Waiting(Component.CLICKHOUSE, f"ClickHouse to answer within {_LIMIT} s")
        self._answered = time.monotonic()
        for source in sources:
            seen = latest.setdefault(source["agency"], {"last_time": "", "last_arrival": ""})
            for name in seen:
                seen[name] = max(seen[name], source[name])
        return latest, None


def gateway_health(database: Database, courier: Courier) -> Callable[[], dict[str, Any]]:
    """The health answer of a gateway: `down` without tokens, `degraded` while Kafka is away."""

    def health() -> dict[str, Any]:
        try:
            database.query("SELECT count() FROM tokens")
        except EmcError as error:
            return {"status": "down", "lag": None, "waiting_for": str(error)}
        waiting_for = courier.problem()
        status = "ok" if waiting_for is None else "degraded"
        return {"status": status, "lag": None, "waiting_for": waiting_for}

    return health
