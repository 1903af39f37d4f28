"""`emc worker` and `emc api` on a broker and an engine of their own, as in a deployment."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.broker import SHORT_LIVED, Broker, Options
from tests.cli.processes import Running, complaint, done, lines, wait_until, write_export

ROWS = [f"000.00.16.H25-260501-00{n:02},1.000001,online,2,2026-05-01T08:00:00+07:00,,," for n in range(1, 9)]


@pytest.fixture
def clickhouse(tmp_path: Path) -> Iterator[str]:
    """The URL of an engine behind ClickHouse's HTTP interface."""
    command = [sys.executable, "-m", "tests.clickhouse_front", str(tmp_path / "engine")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port = json.loads(process.stdout.readline())["port"]
        yield f"http://127.0.0.1:{port}/emc"
        process.stdin.close()


@pytest.mark.timeout(400)
def test_a_worker_and_an_api_share_external_components(tmp_path: Path, clickhouse: str) -> None:
    with Broker(tmp_path, options=Options(java=SHORT_LIVED)) as broker:
        where = ("--kafka", broker.bootstrap, "--clickhouse", clickhouse)
        made = done("topics", "--kafka", broker.bootstrap)
        assert "emc.events: made, 12 partitions, 1 copy" in made
        assert "there already" in done("topics", "--kafka", broker.bootstrap)
        worker = Running("worker", *where, "--data-dir", tmp_path / "worker")
        api = Running("api", *where)
        try:
            done("import", *write_export(tmp_path / "export.csv", ROWS), "--kafka", broker.bootstrap)
            wait_until(lambda: httpx.get(worker.ready["health"]).json()["lag"] == 0)
            asked = ("rates", "--json", "--start", "2026-05-01", "--metric", "online_submission")
            create = (
                "token",
                "create",
                "--name",
                "test",
                "--agency",
                "H25",
                "--scope",
                "rates:read",
                "--json",
            )
            (token,) = lines(done(*create, "--clickhouse", clickhouse))
            secret = tmp_path / "token"
            secret.write_text(token["token"], encoding="utf-8")
            of_api = (*asked, "--agency", "H25", "--api", api.ready["api"])
            assert "Authorization" in complaint(*of_api, code=2)
            rates = lines(done(*of_api, EMC_TOKEN_FILE=str(secret)))
            assert [rate["numerator"] for rate in rates] == [8, 0]
            assert lines(done(*asked, "--agency", "H25", "--clickhouse", clickhouse)) == rates
            wait_until(lambda: api.get("/v1/health").json()["status"] == "ok")
            metrics = httpx.get(worker.ready["health"].replace("v1/health", "metrics")).text
            assert 'emc_worker_events_total{outcome="accepted"} 8.0' in metrics
            assert "Migrations applied: none" in done("migrate", "--clickhouse", clickhouse)
        finally:
            codes = [worker.stop(), api.stop()]
        assert codes == [0, 0]
