"""Which metrics a service exposes: what is read from the tables, what a worker has done, or both."""

from collections.abc import Callable

from dashboards.alerts.limits import FileLimits
from dashboards.alerts.thresholds import site_thresholds
from emc import settings
from emc.registry import Registry
from sinks.clickhouse.database import Database
from sinks.prometheus.exporter import RateCollector, exposition
from sinks.prometheus.memory import MemoryCollector
from streams.supervision.metrics import WorkerCollector
from streams.supervision.worker import Worker


def tables_metrics(db: Database, registry: Registry) -> Callable[[], bytes]:
    """For the API: rates, sources, rejections, storage."""
    return exposition(_rates(db, registry))


def worker_metrics(worker: Worker, registry: Registry) -> Callable[[], bytes]:
    """For a worker: what it has done and waits for, and its memory."""
    return exposition(_progress(worker, registry), MemoryCollector(worker.held))


def all_metrics(worker: Worker, db: Database, registry: Registry) -> Callable[[], bytes]:
    """For the embedded service: both."""
    return exposition(_rates(db, registry), _progress(worker, registry), MemoryCollector(worker.held))


def site_limits(registry: Registry) -> FileLimits:
    """The thresholds of this site, to show beside rates."""
    return FileLimits(site_thresholds(settings.current().site.thresholds, registry), registry)


def _rates(db: Database, registry: Registry) -> RateCollector:
    return RateCollector(db, registry, site_limits(registry))


def _progress(worker: Worker, registry: Registry) -> WorkerCollector:
    return WorkerCollector(
        worker.progress,
        worker.waiting,
        worker.lag,
        registry.agencies,
        worker.progress.agencies,
        lambda: worker.schedule.audit,
        open_seconds=lambda: max((each.seconds for each in worker.read_lag.open_transactions()), default=0.0),
    )
