"""Backup, restore and rebuild as users run them: beside a service, and on a directory without one."""

from pathlib import Path

import pytest

from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, lines

pytestmark = pytest.mark.timeout(300)  # for a machine that is busy with other things
MARCH = ("--start", "2024-03-01", "--json")


def rates(data_dir: Path) -> str:
    return done("rates", *MARCH, "--data-dir", data_dir)


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


@pytest.mark.parametrize(
    "arguments", [("rebuild",), ("rebuild", "--from-topic", "--clickhouse", "http://x:1/emc")]
)
def test_what_is_missing_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert "expected --" in complaint(*arguments, "--data-dir", tmp_path, code=2)
