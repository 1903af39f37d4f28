"""From Kafka events to a received notification: worker, exporter, real Prometheus, real Alertmanager."""

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dashboards.alerts.limits import FileLimits
from dashboards.catalogue import all_dashboards
from deploy.broker import Broker
from emc.instants import HANOI, format_instant, now_us, today
from emc.registry import load_registry
from emc.settings.upkeep import Upkeep
from portal.api import create_app
from portal.server import Server
from producers.client import Client
from sinks.clickhouse.database import Database
from sinks.prometheus.exporter import RateCollector, exposition
from streams.reading.app import KafkaSettings
from streams.supervision.metrics import WorkerCollector
from streams.supervision.worker import Worker
from tests.alerts.hurried import FOR, PACE, hurried, write_alertmanager, write_prometheus
from tests.alerts.programs import alertmanager, ask_prometheus, prometheus, until
from tests.alerts.receiving import Received, receiver
from tests.dashboards.models import panels
from tests.portal.serving import open_entrance

ALERT = "DataReuseBelowThreshold"
H44 = 'emc_rate{metric="data_reuse", period="month", agency="H44"}'


class Dossiers:
    """Events of dossiers received today, each of a dossier of its own."""

    def __init__(self, client: Client) -> None:
        self._client, self._number = client, 0

    def send(self, agency: str, count: int, reused: int) -> None:
        """`count` dossiers, of which `reused` have a component taken over; returns when Kafka has them."""
        for n in range(count):
            self._client.send(agency, self._event(agency, reused=n < reused))
        self._client.flush()

    def _event(self, agency: str, reused: bool) -> dict[str, Any]:
        self._number += 1
        now = format_instant(now_us(), HANOI)
        return {
            "specversion": "1.0",
            "id": f"{self._number:08d}",
            "source": f"/agencies/{agency}/one-stop",
            "type": "vn.emc.dossier.v1",
            "subject": f"000.00.16.{agency}-{today():%y%m%d}-{self._number:06d}",
            "time": now,
            "data": {"received_at": now, "status": 2, "components": [{"code": "A", "reused": reused}]},
        }


@pytest.mark.needs("prometheus", "prometheus-alertmanager")
def test_the_reuse_alert_of_one_agency_reaches_its_receiver(
    broker: Broker,
    topic_names: tuple[str, str],
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with receiver() as received:
        elapsed = asyncio.run(_journey(broker, topic_names[0], database, tmp_path, received))
    with capsys.disabled():
        print(
            f"\nfrom the event that crosses the threshold to the notification: {elapsed:.1f} s "
            f"(scrape {PACE.scrape_interval}, evaluation {PACE.evaluation_interval}, for {FOR}, "
            f"group_wait {PACE.group_wait})"
        )


async def _journey(
    broker: Broker, topic: str, database: Database, directory: Path, received: Received
) -> float:
    """Runs worker and exporter around the story; gives the seconds that the notification took."""
    registry, thresholds = load_registry(), hurried(received.url)
    kafka = KafkaSettings(broker.bootstrap, topic, group=topic)
    worker = Worker(kafka, database, directory / "worker", registry, Upkeep(audit_every=2))
    metrics = exposition(
        RateCollector(database, registry, FileLimits(thresholds, registry), fresh=0.2),
        WorkerCollector(
            worker.progress,
            worker.waiting,
            worker.topic.lag,
            registry.agencies,
            worker.progress.agencies,
            lambda: worker.schedule.audit,
        ),
    )
    server = Server()
    server.start(create_app(open_entrance(database), lambda: {"status": "ok"}, metrics))
    try:
        await worker.start()
        with (
            alertmanager(write_alertmanager(thresholds, directory), directory / "am") as am,
            prometheus(_configured(thresholds, directory, server, am), directory / "prom") as prom,
            Client(broker.bootstrap, topic) as client,
        ):
            return await asyncio.to_thread(_story, prom, Dossiers(client), received)
    finally:
        await worker.stop()
        server.stop()


def _configured(thresholds: Any, directory: Path, server: Server, am: str) -> Path:
    target = server.url.removeprefix("http://")
    return write_prometheus(thresholds, directory, target, am.removeprefix("http://"))


def shows_something(prom: str) -> None:
    """Every panel that asks Prometheus has something to show; a firing alert bears its agency's name."""
    for expr in sorted(prometheus_queries()):
        asked = expr.replace("$__rate_interval", "5s")
        found = until(partial(ask_prometheus, prom, asked))
        if expr.startswith("count by (alertname"):
            assert ("H44", "Phú Thọ") in {(labels.get("agency"), labels.get("name")) for labels, _ in found}


def prometheus_queries() -> set[str]:
    """What panels ask Prometheus."""
    return {
        target["expr"]
        for dashboard in all_dashboards(prometheus=True)
        for panel in panels(dashboard.model)
        for target in panel["targets"]
        if "expr" in target
    }


def _story(prom: str, dossiers: Dossiers, received: Received) -> float:
    """At the threshold nothing fires; one dossier more, and the agency is told; then it recovers."""
    dossiers.send("H26", 300, reused=150)
    dossiers.send("H44", 600, reused=30)
    until(lambda: [value for _, value in ask_prometheus(prom, H44) if value == 0.05])
    received.first("/watchdog", "Watchdog")
    assert ask_prometheus(prom, f'ALERTS{{alertname="{ALERT}"}}') == []

    crossed = time.time()
    dossiers.send("H44", 1, reused=0)
    told = received.first("/agency-H44", ALERT)
    (alert,) = told.alerts(ALERT, "firing")
    assert alert["labels"]["agency"] == "H44"
    assert alert["labels"]["definition"] == "received"
    assert alert["annotations"]["summary"] == (
        "Data reuse rate of Phú Thọ (H44) this month is 4.992%, below its threshold of 5%"
    )
    assert alert["annotations"]["dashboard"].endswith("?var-agency=H44")
    assert alert["annotations"]["runbook_url"].endswith("#datareusebelowthreshold")
    assert received.first("/operators", ALERT).content["groupLabels"] == {"agency": "H44"}
    shows_something(prom)

    dossiers.send("H44", 100, reused=100)
    received.first("/agency-H44", ALERT, "resolved")
    agencies = {
        alert["labels"].get("agency")
        for each in received.all
        for alert in each.alerts(ALERT, "firing") + each.alerts(ALERT, "resolved")
    }
    assert agencies == {"H44"}
    assert received.of("/on-call") == []
    return told.at - crossed
