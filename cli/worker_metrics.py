"""What a worker has done, as Prometheus metrics."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from streams.worker import Worker


class WorkerCollector(Collector):
    """Reads the worker's progress at each scrape, so that no second state can disagree with it."""

    def __init__(self, worker: Worker) -> None:
        self._progress, self._worker = worker.progress, worker

    def collect(self) -> Iterator[Metric]:
        """Counters since the start of the process."""
        totals = self._progress.totals
        events = CounterMetricFamily("emc_worker_events", "Events by what became of them", labels=["outcome"])
        for outcome in ("accepted", "rejected", "forwarded"):
            events.add_metric([outcome], totals[outcome])
        yield events
        yield CounterMetricFamily("emc_worker_batches", "Batches made durable", value=totals["batches"])
        steps = CounterMetricFamily(
            "emc_worker_step_seconds", "Time spent on batches, by step", labels=["step"]
        )
        for step, seconds in list(self._progress.step_seconds.items()):
            steps.add_metric([step], seconds)
        yield steps
        yield GaugeMetricFamily(
            "emc_worker_partitions", "Partitions assigned", value=len(self._progress.partitions)
        )
        waiting = 1 if self._worker.waiting_for() is not None else 0
        yield GaugeMetricFamily("emc_worker_waiting", "1: it waits for a component", value=waiting)


def metrics_text(worker: Worker) -> Callable[[], bytes]:
    """A function that gives the text of the worker's and the process's metrics."""
    registry = CollectorRegistry()
    registry.register(WorkerCollector(worker))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return lambda: generate_latest(registry)
