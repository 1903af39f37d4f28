"""How to reach a Kafka that knows its users."""

from typing import Annotated, Any, Literal

import msgspec

from emc.errors import SettingError
from emc.settings.files import readable, secret
from emc.settings.setting import FileName, means, named


class KafkaAccess(msgspec.Struct, frozen=True):
    """User and encryption towards Kafka, the same for every command."""

    protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], means("Security protocol of the brokers.")
    ] = named("EMC_KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")
    mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None,
        means("How the user proves himself; needed with SASL."),
    ] = named("EMC_KAFKA_SASL_MECHANISM")
    username: Annotated[str | None, means("The user; needed with SASL.")] = named("EMC_KAFKA_USERNAME")
    password_file: Annotated[FileName | None, means("File that holds his password; needed with SASL.")] = (
        named("EMC_KAFKA_PASSWORD_FILE")
    )
    cafile: Annotated[FileName | None, means("File of the certificates to trust, PEM; for SSL.")] = named(
        "EMC_KAFKA_CAFILE"
    )

    def security(self) -> dict[str, Any]:
        """Kafka's settings in kafka-python's names, empty for none; SettingError when they do not agree."""
        sasl, tls = self.protocol.startswith("SASL_"), self.protocol.endswith("SSL")
        self._refuse_unused(sasl, tls)
        security: dict[str, Any] = {}
        if sasl or tls:
            security["security_protocol"] = self.protocol
        if sasl:
            security["sasl_mechanism"] = self._needed(self.mechanism, "EMC_KAFKA_SASL_MECHANISM")
            security["sasl_plain_username"] = self._needed(self.username, "EMC_KAFKA_USERNAME")
            path = self._needed(self.password_file, "EMC_KAFKA_PASSWORD_FILE")
            security["sasl_plain_password"] = secret("EMC_KAFKA_PASSWORD_FILE", path)
        if self.cafile:
            readable("EMC_KAFKA_CAFILE", self.cafile)
            security["ssl_cafile"] = self.cafile
        return security

    def _refuse_unused(self, sasl: bool, tls: bool) -> None:
        for variable, value, used in (
            ("EMC_KAFKA_SASL_MECHANISM", self.mechanism, sasl),
            ("EMC_KAFKA_USERNAME", self.username, sasl),
            ("EMC_KAFKA_PASSWORD_FILE", self.password_file, sasl),
            ("EMC_KAFKA_CAFILE", self.cafile, tls),
        ):
            if value and not used:
                raise SettingError(
                    f"{variable} is set, but EMC_KAFKA_SECURITY_PROTOCOL is {self.protocol!r},"
                    " which does not use it"
                )

    def _needed(self, value: str | None, variable: str) -> str:
        if not value:
            raise SettingError(
                f"{variable} is not set, but EMC_KAFKA_SECURITY_PROTOCOL is {self.protocol!r}, which needs it"
            )
        return value
