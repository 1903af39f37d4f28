"""`emc backup`, `emc restore`, `emc rebuild` on a broker and an engine behind HTTP, beside a worker."""

import json
import selectors
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.broker import SHORT_LIVED, Broker, Options
from tests.cli.processes import (
    COMMAND,
    Running,
    clean_environment,
    complaint,
    done,
    lines,
    wait_until,
    write_export,
)
from tests.engine import Front

pytestmark = pytest.mark.timeout(400)  # most of it is waiting, and machines differ

PATIENCE = 90.0
ROW = "000.00.16.H25-260501-{:04},1.000001,online,2,2026-05-01T08:00:00+07:00,,,"


class Deployment:
    """External components, and one worker that can be stopped and started again."""

    def __init__(self, folder: Path, broker: Broker, front: Front) -> None:
        self.folder, self.kafka, self.clickhouse = folder, broker.bootstrap, front.url("emc")
        self.where = ("--kafka", self.kafka, "--clickhouse", self.clickhouse)
        self._exports = 0
        self._worker: Running | None = None

    def start(self) -> None:
        self._worker = Running("worker", *self.where, "--data-dir", self.folder / "worker")

    def stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            assert worker.stop() == 0

    def send(self, numbers: range) -> None:
        """Dossiers of one agency, and waits until they count."""
        assert self._worker is not None
        self._exports += 1
        export = self.folder / f"export-{self._exports}.csv"
        done("import", *write_export(export, [ROW.format(n) for n in numbers]), "--kafka", self.kafka)
        self.settle()

    def settle(self) -> None:
        assert self._worker is not None
        health = self._worker.ready["health"]
        wait_until(lambda: bool(httpx.get(health).json()["lag"] == 0))

    def rates(self) -> list[dict[str, Any]]:
        asked = ("rates", "--json", "--start", "2026-05-01", "--agency", "H25")
        return lines(done(*asked, "--clickhouse", self.clickhouse))

    def received(self) -> int:
        (found,) = {rate["denominator"] for rate in self.rates() if rate["metric"] == "online_submission"}
        return int(found)

    def rebuild(self, source: str, when_asked: Callable[[], None]) -> dict[str, Any]:
        """Runs `emc rebuild`; `when_asked` stops the workers once it says that it is ready for that."""
        command = [
            *COMMAND,
            "rebuild",
            source,
            *self.where,
            "--data-dir",
            str(self.folder / "scratch"),
            "--json",
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment()
        ) as process:
            assert process.stderr is not None
            with selectors.DefaultSelector() as selector:
                selector.register(process.stderr, selectors.EVENT_READ)
                said = ""
                while "Stop the" not in said:
                    assert selector.select(PATIENCE), f"not ready after {PATIENCE:.0f} s"
                    said = process.stderr.readline()
                    assert said, "it ended before it was ready"
            when_asked()
            out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
        found: dict[str, Any] = json.loads(out)
        return found


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    quick = Options(java=SHORT_LIVED)
    with Broker(tmp_path / "broker", options=quick) as broker, Front(tmp_path / "engine") as front:
        done("topics", "--kafka", broker.bootstrap)
        found = Deployment(tmp_path, broker, front)
        found.start()
        try:
            yield found
        finally:
            found.stop()


def test_a_restored_backup_and_the_topic_end_in_the_same_numbers(deployment: Deployment) -> None:
    """Taken while the worker runs; restored when it is stopped; the worker then reads what came since."""
    folder, clickhouse = deployment.folder / "backup", ("--clickhouse", deployment.clickhouse)
    deployment.send(range(1, 9))
    done("backup", folder, *clickhouse)
    deployment.send(range(5, 14))
    before = deployment.rates()
    assert deployment.received() == 13
    running = complaint("restore", folder, "--replace", *deployment.where, code=1)
    assert "workers of the group emc are running (1)" in running
    deployment.stop()
    assert "hold data already" in complaint("restore", folder, *deployment.where, code=2)
    done("restore", folder, "--replace", *deployment.where)
    assert deployment.received() == 8
    deployment.start()
    deployment.settle()
    wait_until(lambda: deployment.rates() == before)
    assert json.loads(done("audit", "--json", *clickhouse))["different"] == 0


@pytest.mark.parametrize("source", ["--from-topic", "--from-events"])
def test_a_rebuild_beside_a_running_worker(deployment: Deployment, source: str) -> None:
    """What the worker writes until it is stopped is in the new tables; a worker goes on with them."""
    deployment.send(range(1, 9))

    def stop_late() -> None:
        deployment.send(range(5, 14))
        deployment.stop()

    assert deployment.rebuild(source, stop_late)["different"] == 0
    assert deployment.received() == 13
    deployment.start()
    deployment.send(range(14, 16))
    assert deployment.received() == 15
    audited = json.loads(done("audit", "--json", "--clickhouse", deployment.clickhouse))
    assert audited["checked"] > 0
    assert audited["different"] == 0
