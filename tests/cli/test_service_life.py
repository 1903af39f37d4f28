"""A service from its first start over an end, a kill and what is in its way."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from deploy.kafka_process import left_behind
from tests.cli.conftest import Service
from tests.cli.processes import Running, complaint, done, emc, lines, open_to_others, wait_until, write_export

ROW = "000.00.16.H25-260501-0001,1.000001,online,2,2026-05-01T08:00:00+07:00,,,"


@pytest.mark.timeout(600)
def test_data_outlives_a_kill_an_end_and_the_loss_of_the_tables(tmp_path: Path) -> None:
    data_dir, folder = tmp_path / "data", tmp_path / "backup"
    march = ("rates", "--json", "--start", "2024-03-01", "--data-dir", data_dir)
    asked = ("rates", "--json", "--start", "2026-05-01", "--agency", "H25", "--data-dir", data_dir)
    first = Running("up", "--data-dir", data_dir)
    assert first.ready["kafka"].startswith("127.0.0.1:")
    done("import", *write_export(tmp_path / "one.csv", [ROW]), "--data-dir", data_dir)
    first.settle()
    rates = lines(done(*asked))
    assert [rate["numerator"] for rate in rates if rate["metric"] == "online_submission"] == [1, 0]
    first.stop(signal.SIGKILL)
    assert lines(done(*asked)) == rates

    second = Running("up", "--data-dir", data_dir)
    another = [ROW, ROW.replace("-0001", "-0002")]
    done("import", *write_export(tmp_path / "two.csv", another), "--data-dir", data_dir)
    done("simulate", "--data-dir", data_dir, "--scale", "0.005")
    second.settle()
    rates, month = lines(done(*asked)), done(*march)
    assert rates[0]["denominator"] == 2
    done("backup", folder, "--data-dir", data_dir)
    assert second.stop(signal.SIGINT) == 0
    assert left_behind(data_dir / "kafka") == []
    assert lines(done(*asked)) == rates
    (found,) = lines(done("audit", "--json", "--data-dir", data_dir))
    assert found["checked"] > 0
    assert (found["different"], found["unsettled"]) == (0, 0)

    shutil.rmtree(data_dir / "clickhouse")
    done("restore", folder, "--data-dir", data_dir)
    third = Running("up", "--data-dir", data_dir)
    third.settle()
    assert done(*march) == month
    assert lines(done(*asked)) == rates
    assert third.stop() == 0


@pytest.mark.timeout(300)
def test_a_broker_that_is_killed_is_started_again(service: Service, tmp_path: Path) -> None:
    (killed,) = left_behind(service.data_dir / "kafka")
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: left_behind(service.data_dir / "kafka") not in ([], [killed]))
    wait_until(lambda: service.get("/v1/health").json()["lag"] is not None, 180)
    rows = [ROW.replace(".H25-260501", ".H25-260601").replace("2026-05-01", "2026-06-01")]
    done("import", *write_export(tmp_path / "june.csv", rows), "--data-dir", service.data_dir)
    wait_until(lambda: service.get("/v1/health").json()["lag"] == 0, 180)
    (rate, _) = service.get("/v1/rates", metric="online_submission", agency="H25", start="2026-06-01").json()[
        "rates"
    ]
    assert rate["denominator"] == 1


def test_nothing_in_the_data_directory_is_open_to_others(service: Service) -> None:
    assert (service.data_dir / "clickhouse").is_dir()
    assert open_to_others(service.data_dir) == []


def test_a_second_service_on_the_same_data_is_refused(service: Service) -> None:
    said = complaint("up", "--data-dir", service.data_dir, code=1)
    assert f"{service.data_dir} is held by another process (`emc up`, process {service.process.pid})" in said


def test_a_port_in_use_is_told(service: Service, tmp_path: Path) -> None:
    taken = service.ready["api"].rpartition(":")[2]
    said = complaint("up", "--data-dir", tmp_path / "other", "--port", taken, code=1)
    assert f"the API cannot listen on 127.0.0.1:{taken}" in said
    taken = service.ready["kafka"].rpartition(":")[2]
    said = complaint("up", "--data-dir", tmp_path / "other", "--kafka-port", taken, code=1)
    assert f"cannot listen on 127.0.0.1:{taken}" in said


def test_a_data_directory_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = emc("up", "--data-dir", tmp_path / "file")
    assert result.returncode == 2
    assert "Invalid value for '--data-dir'" in result.stderr


def test_a_data_directory_without_data_is_told(tmp_path: Path) -> None:
    said = complaint("rates", "--data-dir", tmp_path / "none", code=1)
    assert "holds no data of a monitor" in said
    assert not (tmp_path / "none").exists()
