"""How Kafka and ClickHouse are reached with secrets kept in files."""

from pathlib import Path

import pytest

from emc.errors import SettingError
from emc.settings import Settings

SASL = {
    "EMC_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "EMC_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "EMC_KAFKA_USERNAME": "gateway",
}


def security_of(environment: dict[str, str]) -> dict[str, object]:
    return Settings.read(environment).kafka.security()


@pytest.fixture
def secret(tmp_path: Path) -> str:
    """A file with a password, its line ended as editors do."""
    path = tmp_path / "secret"
    path.write_text("open sesame\n", encoding="utf-8")
    return str(path)


def test_nothing_set_is_no_security() -> None:
    assert security_of({}) == {}
    assert security_of({"EMC_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}) == {}


def test_sasl_over_tls_with_the_password_from_a_file(secret: str) -> None:
    assert security_of(SASL | {"EMC_KAFKA_PASSWORD_FILE": secret, "EMC_KAFKA_CAFILE": secret}) == {
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
            "EMC_KAFKA_SECURITY_PROTOCOL is 'TLS', expected one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL",
        ),
        ({"EMC_KAFKA_SASL_MECHANISM": "NTLM"}, "EMC_KAFKA_SASL_MECHANISM is 'NTLM', expected one of PLAIN"),
        ({"EMC_KAFKA_USERNAME": ""}, "EMC_KAFKA_USERNAME is not set"),
        ({}, "EMC_KAFKA_PASSWORD_FILE is not set"),
        ({"EMC_KAFKA_SECURITY_PROTOCOL": "SSL"}, "EMC_KAFKA_SASL_MECHANISM is set, but"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_is_expected(
    change: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingError) as error:
        security_of(SASL | change)
    assert said in str(error.value)


def test_a_password_set_in_the_place_of_its_file_is_not_told() -> None:
    with pytest.raises(SettingError) as error:
        security_of(SASL | {"EMC_KAFKA_PASSWORD_FILE": "open sesame"})
    assert str(error.value) == (
        "EMC_KAFKA_PASSWORD_FILE: expected the name of a readable text file (FileNotFoundError)"
    )


def test_an_empty_secret_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.touch()
    with pytest.raises(SettingError, match="expected a file that is not empty"):
        security_of(SASL | {"EMC_KAFKA_PASSWORD_FILE": str(path)})


def test_the_password_is_put_into_the_clickhouse_url(secret: str) -> None:
    access = Settings.read({"EMC_CLICKHOUSE_PASSWORD_FILE": secret}).clickhouse
    assert access.url("http://writer@host:8123/emc") == "http://writer:open%20sesame@host:8123/emc"
    assert access.url("http://host/emc") == "http://default:open%20sesame@host/emc"
    assert Settings.read({}).clickhouse.url("http://host/emc") == "http://host/emc"
    with pytest.raises(SettingError, match="holds a password"):
        access.url("http://writer:x@host/emc")
