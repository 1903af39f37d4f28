"""Settings from the environment."""

from pathlib import Path

import pytest

from emc.errors import SettingError
from emc.settings import clickhouse_url, kafka_security

SASL = {
    "EMC_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "EMC_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "EMC_KAFKA_USERNAME": "gateway",
}


@pytest.fixture
def secret(tmp_path: Path) -> str:
    """A file with a password, its line ended as editors do."""
    path = tmp_path / "secret"
    path.write_text("open sesame\n", encoding="utf-8")
    return str(path)


def test_nothing_set_is_no_security() -> None:
    assert kafka_security({}) == {}
    assert kafka_security({"EMC_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}) == {}


def test_sasl_over_tls_with_the_password_from_a_file(secret: str) -> None:
    settings = SASL | {"EMC_KAFKA_PASSWORD_FILE": secret, "EMC_KAFKA_CAFILE": secret}
    assert kafka_security(settings) == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "gateway",
        "sasl_plain_password": "open sesame",
        "ssl_cafile": secret,
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"EMC_KAFKA_SECURITY_PROTOCOL": "TLS"},
            "EMC_KAFKA_SECURITY_PROTOCOL is 'TLS', expected one of PLAINTEXT",
        ),
        ({"EMC_KAFKA_SASL_MECHANISM": "NTLM"}, "EMC_KAFKA_SASL_MECHANISM is 'NTLM', expected one of PLAIN"),
        ({"EMC_KAFKA_USERNAME": ""}, "EMC_KAFKA_USERNAME is not set"),
        ({}, "EMC_KAFKA_PASSWORD_FILE is not set"),
        (
            {"EMC_KAFKA_PASSWORD_FILE": "/none"},
            "EMC_KAFKA_PASSWORD_FILE is '/none', expected a readable text file",
        ),
        ({"EMC_KAFKA_SECURITY_PROTOCOL": "SSL"}, "EMC_KAFKA_SASL_MECHANISM is set, but"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_is_expected(
    change: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingError) as error:
        kafka_security(SASL | change)
    assert said in str(error.value)


def test_an_empty_secret_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.touch()
    with pytest.raises(SettingError, match="expected a file that is not empty"):
        kafka_security(SASL | {"EMC_KAFKA_PASSWORD_FILE": str(path)})


def test_the_password_is_put_into_the_clickhouse_url(secret: str) -> None:
    environment = {"EMC_CLICKHOUSE_PASSWORD_FILE": secret}
    assert (
        clickhouse_url("http://writer@host:8123/emc", environment)
        == "http://writer:open%20sesame@host:8123/emc"
    )
    assert clickhouse_url("http://host/emc", environment) == "http://default:open%20sesame@host/emc"
    assert clickhouse_url("http://host/emc", {}) == "http://host/emc"
    with pytest.raises(SettingError, match="holds a password"):
        clickhouse_url("http://writer:x@host/emc", environment)
