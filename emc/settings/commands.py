"""What commands have an option for; what the command line says stands above the variable."""

from typing import Annotated, Literal

import msgspec

from emc.settings.setting import FileName, means, named

Url = Annotated[str, msgspec.Meta(title="a URL")]
Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]


class Places(msgspec.Struct, frozen=True):
    """Where things are, and where the service listens."""

    data_dir: Annotated[FileName, means("Directory of the embedded broker and engine.")] = named(
        "EMC_DATA_DIR", "data"
    )
    kafka: Annotated[str | None, means("host:port of Kafka brokers, comma-separated.")] = named("EMC_KAFKA")
    clickhouse: Annotated[Url | None, means("ClickHouse server, http://user@host:8123/database.")] = named(
        "EMC_CLICKHOUSE"
    )
    api: Annotated[Url | None, means("API of a running service, http://host:port.")] = named("EMC_API")
    host: Annotated[str, means("Address that the API listens on.")] = named("EMC_HOST", "127.0.0.1")
    port: Annotated[
        Port,
        means(
            "Port of the service; 0: a free one; not given: 8000 unless taken for `emc up` and `emc demo`."
        ),
    ] = named("EMC_PORT", 0)
    kafka_port: Annotated[
        Port, means("Port of the broker on 127.0.0.1; 0: a free one; not given: 9092 unless taken.")
    ] = named("EMC_KAFKA_PORT", 0)
    clickhouse_port: Annotated[
        Port,
        means("Port of ClickHouse's interface, read-only; 0: a free one; not given: 8123 unless taken."),
    ] = named("EMC_CLICKHOUSE_PORT", 0)
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], means("What the log on stderr tells.")
    ] = named("EMC_LOG_LEVEL", "INFO")


class GrafanaPlaces(msgspec.Struct, frozen=True):
    """For `emc dashboards`: Grafana, and what it reads from."""

    grafana: Annotated[
        Url,
        means(
            "Grafana, http://user:password@host:port; EMC_GRAFANA_TOKEN_FILE may name a file with a token."
        ),
    ] = named("EMC_GRAFANA", "http://127.0.0.1:3000")
    clickhouse: Annotated[
        Url | None,
        means(
            "ClickHouse as Grafana reaches it, http://user@host:8123/emc; without it the data source stays."
        ),
    ] = named("EMC_GRAFANA_CLICKHOUSE")
    prometheus: Annotated[
        Url | None,
        means("Prometheus as Grafana reaches it; without it the panels that need it are left out."),
    ] = named("EMC_GRAFANA_PROMETHEUS")
