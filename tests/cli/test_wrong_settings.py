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
    more = ("--data-dir", tmp_path) if command == "worker" else ()
    assert "127.0.0.1:1 does not answer" in complaint(command, *where, *more, code=1)


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
