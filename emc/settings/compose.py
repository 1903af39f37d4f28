"""What docker-compose.yml alone reads: how many, how large, where published."""

from typing import NamedTuple


class ComposeVariable(NamedTuple):
    """A variable that Compose puts into the file, and what holds without it."""

    variable: str
    default: str
    meaning: str


COMPOSE = (
    ComposeVariable("EMC_PROFILE", "single", "`single`: one Kafka node; `production`: three, with users."),
    ComposeVariable("EMC_VERSION", "0.1.0", "Version of the monitor's image."),
    ComposeVariable("EMC_SECRETS", "./deploy/secrets", "Directory of the files of secrets."),
    ComposeVariable("EMC_KAFKA_BROKERS", "1", "Kafka nodes, and copies of each topic."),
    ComposeVariable("EMC_KAFKA_PARTITIONS", "12", "Partitions of each topic."),
    ComposeVariable("EMC_KAFKA_VOTERS", "1@kafka-1:9094", "Controllers of the Kafka cluster."),
    ComposeVariable(
        "EMC_KAFKA_CLUSTER_ID", "emcMonitorCluster00001", "Identity of the Kafka cluster, never changed."
    ),
    ComposeVariable(
        "EMC_KAFKA_HEAP", "-Xms1g -Xmx1g -XX:+ExitOnOutOfMemoryError", "Java's memory of a Kafka node."
    ),
    ComposeVariable("EMC_KAFKA_ADMIN", "", "`EMC_KAFKA_USERNAME` of the set-up of Kafka."),
    ComposeVariable("EMC_KAFKA_ADMIN_PASSWORD_FILE", "", "`EMC_KAFKA_PASSWORD_FILE` of the set-up of Kafka."),
    ComposeVariable("EMC_KAFKA_WORKER", "", "`EMC_KAFKA_USERNAME` of workers."),
    ComposeVariable("EMC_KAFKA_WORKER_PASSWORD_FILE", "", "`EMC_KAFKA_PASSWORD_FILE` of workers."),
    ComposeVariable("EMC_KAFKA_API", "", "`EMC_KAFKA_USERNAME` of the API."),
    ComposeVariable("EMC_KAFKA_API_PASSWORD_FILE", "", "`EMC_KAFKA_PASSWORD_FILE` of the API."),
    ComposeVariable("EMC_KAFKA_GATEWAY", "", "`EMC_KAFKA_USERNAME` of the gateway."),
    ComposeVariable("EMC_KAFKA_GATEWAY_PASSWORD_FILE", "", "`EMC_KAFKA_PASSWORD_FILE` of the gateway."),
    ComposeVariable("EMC_KAFKA_MEMORY", "2g", "Limit of memory of a Kafka node."),
    ComposeVariable("EMC_CLICKHOUSE_MEMORY", "8g", "Limit of memory of ClickHouse."),
    ComposeVariable("EMC_WORKER_MEMORY", "1280m", "Limit of memory of a worker: a quarter above its need."),
    ComposeVariable("EMC_API_MEMORY", "1g", "Limit of memory of the API."),
    ComposeVariable("EMC_API_PORT", "8000", "Port of the API on this machine."),
    ComposeVariable("EMC_GATEWAY_PORT", "8002", "Port of the gateway on this machine."),
    ComposeVariable("EMC_GRAFANA_PORT", "3000", "Port of Grafana on this machine."),
    ComposeVariable("EMC_GRAFANA_URL", "http://127.0.0.1:3000", "Address at which people open Grafana."),
    ComposeVariable("EMC_SITE", "localhost", "Name under which people and systems come, through the proxy."),
    ComposeVariable(
        "EMC_TLS",
        "internal",
        "Files of its certificate and key, `/etc/caddy/certificates/x.pem /etc/caddy/certificates/x.key`; "
        "`internal`: an authority that the proxy makes itself, to try things out.",
    ),
    ComposeVariable("EMC_CERTIFICATES", "./deploy/caddy/certificates", "Directory of these files."),
    ComposeVariable(
        "EMC_PROXY_ADDRESS", "127.0.0.1", "Address of this machine at which the proxy is reached."
    ),
    ComposeVariable("EMC_PROXY_HTTPS_PORT", "443", "Its port for HTTPS."),
    ComposeVariable("EMC_PROXY_HTTP_PORT", "80", "Its port for HTTP, which leads to HTTPS."),
    ComposeVariable("EMC_PROMETHEUS_RETENTION", "90d", "How long Prometheus keeps what it has scraped."),
)
