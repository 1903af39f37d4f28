"""`emc worker`, `emc api` and what is done beside them, on a broker and an engine behind HTTP."""

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
    accepted,
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
ROW = "000.00.16.{}-260501-{:04},1.000001,online,2,2026-05-01T08:00:00+07:00,,,"


class Deployment:
    """External components, and one worker that can be stopped and started again.

    `agency`: whose dossiers are sent and read, of each test its own.
    """

    def __init__(self, folder: Path, broker: Broker, front: Front) -> None:
        self.folder, self.kafka, self.clickhouse = folder, broker.bootstrap, front.url("emc")
        self.where = ("--kafka", self.kafka, "--clickhouse", self.clickhouse)
        self.agency = ""
        self._exports = 0
        self._worker: Running | None = None

    def start(self) -> None:
        assert self._worker is None
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
        rows = [ROW.format(self.agency, n) for n in numbers]
        done("import", *write_export(export, rows, agency=self.agency), "--kafka", self.kafka)
        self.settle()

    def settle(self) -> None:
        assert self._worker is not None
        health = self._worker.ready["health"]
        wait_until(lambda: bool(httpx.get(health).json()["lag"] == 0))

    def accepted(self) -> float:
        """Events that the worker has counted since it started."""
        assert self._worker is not None
        return accepted(self._worker.ready["health"])

    def rates(self) -> list[dict[str, Any]]:
        asked = ("rates", "--json", "--start", "2026-05-01", "--agency", self.agency)
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
            str(self.folder / f"scratch{source}"),
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


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Each test leaves its worker running."""
    folder, quick = tmp_path_factory.mktemp("external"), Options(java=SHORT_LIVED)
    with Broker(folder / "broker", options=quick) as broker, Front(folder / "engine") as front:
        made = done("topics", "--kafka", broker.bootstrap)
        assert "emc.events: made, 12 partitions, 1 copy" in made
        found = Deployment(folder, broker, front)
        found.start()
        try:
            yield found
        finally:
            found.stop()


def test_a_worker_and_an_api_share_external_components(deployment: Deployment, tmp_path: Path) -> None:
    deployment.agency, clickhouse = "H02", ("--clickhouse", deployment.clickhouse)
    assert "there already" in done("topics", "--kafka", deployment.kafka)
    api, accepted = Running("api", *deployment.where), deployment.accepted()
    try:
        deployment.send(range(1, 9))
        asked = ("rates", "--json", "--start", "2026-05-01", "--metric", "online_submission")
        create = ("token", "create", "--name", "test", "--agency", "H02", "--scope", "rates:read", "--json")
        (token,) = lines(done(*create, *clickhouse))
        secret = tmp_path / "token"
        secret.write_text(token["token"], encoding="utf-8")
        of_api = (*asked, "--agency", "H02", "--api", api.ready["api"])
        assert "Authorization" in complaint(*of_api, code=2)
        rates = lines(done(*of_api, EMC_TOKEN_FILE=str(secret)))
        assert [rate["numerator"] for rate in rates] == [8, 0]
        assert lines(done(*asked, "--agency", "H02", *clickhouse)) == rates
        wait_until(lambda: api.get("/v1/health").json()["status"] == "ok")
        assert deployment.accepted() == accepted + 8
        assert "Migrations applied: none" in done("migrate", *clickhouse)
    finally:
        code = api.stop()
    assert code == 0


def test_a_restored_backup_and_the_topic_end_in_the_same_numbers(deployment: Deployment) -> None:
    """Taken while the worker runs; restored when it is stopped; the worker then reads what came since."""
    deployment.agency = "H25"
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


@pytest.mark.parametrize(("source", "agency"), [("--from-topic", "H26"), ("--from-events", "H42")])
def test_a_rebuild_beside_a_running_worker(deployment: Deployment, source: str, agency: str) -> None:
    """What the worker writes until it is stopped is in the new tables; a worker goes on with them."""
    deployment.agency = agency
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
