"""Backup, restore and rebuild as users run them: beside a service, and on its directory without one."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Service
from tests.cli.processes import Running, complaint, done, lines

pytestmark = pytest.mark.timeout(300)  # for a machine that is busy with other things
MARCH = ("--start", "2024-03-01", "--json")


def rates(data_dir: Path) -> str:
    return done("rates", *MARCH, "--data-dir", data_dir)


def test_a_service_rebuilds_its_tables_while_it_serves(service: Service) -> None:
    before = rates(service.data_dir)
    for source in ("--from-events", "--from-topic"):
        (found,) = lines(done("rebuild", source, "--json", "--data-dir", service.data_dir))
        assert found["different"] == 0
        assert found["checked"] > 1000
        service.settle()
        assert rates(service.data_dir) == before


def test_a_backup_of_a_running_service_restores_into_another_directory(
    service: Service, tmp_path: Path
) -> None:
    folder, other = tmp_path / "backup", tmp_path / "other"
    (taken,) = lines(done("backup", folder, "--json", "--data-dir", service.data_dir))
    assert taken["files"] >= 10
    assert "is not empty" in complaint("backup", folder, "--data-dir", service.data_dir, code=2)
    assert f"process {service.process.pid}" in complaint(
        "restore", folder, "--data-dir", service.data_dir, code=1
    )
    done("restore", folder, "--data-dir", other)
    assert rates(other) == rates(service.data_dir)
    assert "--replace" in complaint("restore", folder, "--data-dir", other, code=2)
    found = lines(done("rebuild", "--from-events", "--json", "--data-dir", other))
    assert found[0]["different"] == 0
    assert rates(other) == rates(service.data_dir)


def test_a_service_on_a_restored_directory_reads_on(service: Service, tmp_path: Path) -> None:
    folder, data_dir = tmp_path / "backup", tmp_path / "data"
    running = Running("up", "--data-dir", data_dir)
    try:
        done("simulate", "--data-dir", data_dir, "--scale", "0.005")
        running.settle()
        before = rates(data_dir)
        done("backup", folder, "--data-dir", data_dir)
    finally:
        assert running.stop() == 0
    shutil.rmtree(data_dir / "clickhouse")
    done("restore", folder, "--data-dir", data_dir)
    running = Running("up", "--data-dir", data_dir)
    try:
        running.settle()
        assert rates(data_dir) == before
    finally:
        assert running.stop() == 0


@pytest.mark.parametrize(
    "arguments", [("rebuild",), ("rebuild", "--from-topic", "--clickhouse", "http://x:1/emc")]
)
def test_what_is_missing_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert "expected --" in complaint(*arguments, "--data-dir", tmp_path, code=2)
