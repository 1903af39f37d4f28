"""`emc worker --processes`: several members of the group, started and ended as one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.runtime import several_workers
from deploy.broker import SHORT_LIVED, Broker, Options
from tests.cli.processes import (
    COMMAND,
    accepted,
    clean_environment,
    complaint,
    done,
    emc,
    lines,
    wait_until,
    write_export,
)
from tests.engine import Front

pytestmark = pytest.mark.timeout(400)  # most of it is waiting, and machines differ
ROW = "000.00.16.{}-260501-{:04},1.000001,online,2,2026-05-01T08:00:00+07:00,,,"
AGENCIES = ("H25", "H26", "H44", "H61", "G01", "G12")


class Places:
    """External components, and how a worker is told of them."""

    def __init__(self, folder: Path, broker: Broker, front: Front) -> None:
        self.folder, self.kafka, self.clickhouse = folder, broker.bootstrap, front.url("emc")
        self.where = (
            "--kafka",
            self.kafka,
            "--clickhouse",
            self.clickhouse,
            "--data-dir",
            folder / "workers",
        )


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    folder, quick = tmp_path_factory.mktemp("several"), Options(java=SHORT_LIVED)
    with Broker(folder / "broker", options=quick) as broker, Front(folder / "engine") as front:
        done("topics", "--kafka", broker.bootstrap)
        yield Places(folder, broker, front)


@pytest.fixture
def workers(places: Places) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A process with two of them, and where each tells its health."""
    command = [*COMMAND, "worker", "--processes", "2", *map(str, places.where)]
    environment = clean_environment(EMC_LOG_LEVEL="WARNING")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            yield process, [json.loads(process.stdout.readline())["health"] for _ in range(2)]
        finally:
            process.terminate()


def _health(url: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(url, timeout=30).json()
    return found


def _children(process: subprocess.Popen[str]) -> list[str]:
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()


def test_two_processes_share_what_is_sent_and_end_in_order(
    places: Places, workers: tuple[subprocess.Popen[str], list[str]]
) -> None:
    process, health = workers
    for agency in AGENCIES:
        rows = [ROW.format(agency, number) for number in range(1, 4)]
        export = places.folder / f"{agency}.csv"
        done("import", *write_export(export, rows, agency=agency), "--kafka", places.kafka)
    wait_until(lambda: all(_health(url)["lag"] == 0 for url in health))
    counted = [accepted(url) for url in health]
    assert sum(counted) == 3 * len(AGENCIES)
    assert all(counted)
    asked = ("--start", "2026-05-01", "--metric", "online_submission", "--agency", "H25")
    rates = lines(done("rates", "--json", *asked, "--clickhouse", places.clickhouse))
    assert {rate["denominator"] for rate in rates} == {3}
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 0
    assert sorted(each.name for each in (places.folder / "workers").iterdir()) == ["worker-1", "worker-2"]


def test_one_that_is_killed_ends_all(workers: tuple[subprocess.Popen[str], list[str]]) -> None:
    process, health = workers
    children = _children(process)
    assert len(children) == len(health)
    os.kill(int(children[1]), signal.SIGKILL)
    assert process.wait(120) == 128 + signal.SIGKILL
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_those_of_a_process_that_was_killed_end_too(
    workers: tuple[subprocess.Popen[str], list[str]],
) -> None:
    process, _ = workers
    children = _children(process)
    assert len(children) == 2
    process.kill()
    wait_until(lambda: not any(_runs(int(child)) for child in children))


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_what_keeps_all_from_starting_is_told_once(places: Places, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letters.txt").write_text("of another program", encoding="utf-8")
    asked = ("--kafka", places.kafka, "--clickhouse", places.clickhouse, "--data-dir", foreign)
    assert str(foreign) in complaint("worker", "--processes", "3", *asked, code=1)


def test_one_that_ends_at_once_keeps_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several_workers, "_COMMAND", (sys.executable, "-S", "-c", "raise SystemExit(3)"))

    async def told() -> int:
        running = several_workers._Workers()
        assert not await running.start([os.environ])
        (code,) = await running.end()
        return code

    assert {asyncio.run(told()) for _ in range(100)} == {3}


def test_ports_past_the_last_are_refused(places: Places) -> None:
    told = emc("worker", "--processes", "3", "--port", "65534", *places.where)
    assert told.returncode == 2
    assert "--port 65534: expected room for 3 ports up to 65535" in told.stderr
