"""The Helm chart, rendered by Helm, beside docker-compose.yml, of which it is the other form."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import yaml

from emc.settings import known
from tests.deploy.test_compose import PRODUCTION, resolved
from tests.tools.helm import schemas
from tests.tools.wanted import path_of

pytestmark = pytest.mark.needs("helm")
ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "emc-monitor"
FULL = (
    "worker.autoscaling.enabled=true,worker.autoscaling.most=40,ingress.enabled=true,registryConfigMap=registry,"
    "thresholdsConfigMap=thresholds,kafka.caSecret=ca,clickhouse.cluster=nation"
)
VARIANTS = {"as it is": "", "everything": FULL, "without users": "kafka.protocol=PLAINTEXT"}
PARTS = {"worker": "worker", "api": "api", "gateway": "gateway", "kafka-setup": "topics"}
"""Services of Compose, and what they are here."""
BESIDE = {"kafka-1", "kafka-2", "kafka-3", "clickhouse", "prometheus", "alertmanager", "grafana"}
"""Those that have operators of their own on Kubernetes; `proxy` is an ingress."""


def helm(*arguments: str) -> str:
    command = [str(path_of("helm")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def rendered(values: str = FULL) -> list[dict[str, Any]]:
    text = helm("template", "emc", str(CHART), *(("--set", values) if values else ()))
    return [each for each in yaml.safe_load_all(text) if each]


def pods(values: str = FULL) -> dict[str, dict[str, Any]]:
    """The specification of each part's pods."""
    return {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: each["spec"]["template"]["spec"]
        for each in rendered(values)
        if "template" in each["spec"]
    }


def environment(pod: dict[str, Any]) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in pod["containers"][0]["env"]}


@pytest.mark.parametrize("variant", VARIANTS)
def test_helm_finds_no_fault(variant: str) -> None:
    values = VARIANTS[variant]
    assert "0 chart(s) failed" in helm("lint", "--strict", str(CHART), *(("--set", values) if values else ()))


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_rendered_meets_the_schemas_of_kubernetes(variant: str) -> None:
    found = [
        each for each in rendered(VARIANTS[variant]) if each["kind"] != "ScaledObject"
    ]  # not of Kubernetes
    assert len(found) >= 12
    for each in found:
        group, _, version = each["apiVersion"].rpartition("/")
        name = "-".join(filter(None, [each["kind"].lower(), group.partition(".")[0], version]))
        _validator(name).validate(each)


@cache
def _validator(name: str) -> jsonschema_rs.Validator:
    def read(uri: str) -> Any:
        return msgspec.json.decode((schemas() / uri.rpartition("/")[2]).read_bytes())

    schema = read(f"{name}.json")
    return jsonschema_rs.validator_for(schema, base_uri=f"json-schema:///{name}.json", retriever=read)


def test_every_service_of_compose_has_its_counterpart() -> None:
    services = set(resolved(*PRODUCTION)["services"])
    assert services == PARTS.keys() | BESIDE | {"proxy"}
    assert set(pods()) == {*PARTS.values(), "migrate"}
    assert [each for each in rendered() if each["kind"] == "Ingress"]


@pytest.mark.parametrize("service", PARTS)
def test_it_is_given_the_same_settings_and_limits(service: str) -> None:
    composed, pod = resolved(*PRODUCTION)["services"][service], pods()[PARTS[service]]
    given = environment(pod)
    wanted = {name: value for name, value in composed["environment"].items() if name.startswith("EMC_")}
    if service == "kafka-setup":  # it ends, and nobody asks it for metrics
        del wanted["EMC_METRICS_TOKEN_FILE"]
    assert given.keys() == wanted.keys()
    assert given.keys() <= known()
    ours = ("EMC_KAFKA_USERNAME", "EMC_KAFKA_PASSWORD_FILE", "EMC_CLICKHOUSE_PASSWORD_FILE")
    same = {name for name in wanted if name.startswith(("EMC_BROKEN", "EMC_AUDIT", "EMC_OIDC", *ours))}
    assert {name: given[name] for name in same} == {name: str(wanted[name]) for name in same}
    if service != "kafka-setup":
        limits = pod["containers"][0]["resources"]["limits"]
        usual = resolved()["services"][service]["deploy"]["resources"]["limits"]
        assert limits["cpu"] == usual["cpus"]
        assert _mebibytes(limits["memory"]) == _mebibytes(usual["memory"])
        assert pod["containers"][0]["args"][:5] == composed["command"][:5]


def _mebibytes(size: str) -> int:
    number = int("".join(filter(str.isdigit, size)))
    return number * (1024 if "g" in size.lower() else 1)


@pytest.mark.parametrize("part", ["worker", "api", "gateway"])
def test_it_sees_of_the_secrets_what_compose_grants(part: str) -> None:
    volumes = {volume["name"]: volume for volume in pods()[part]["volumes"]}
    granted = [item["key"] for item in volumes["secrets"]["secret"]["items"]]
    assert sorted(granted) == sorted(resolved(*PRODUCTION)["services"][part]["secrets"])


def test_nothing_runs_as_root_writes_its_system_or_holds_rights() -> None:
    for pod in pods().values():
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"]
            assert not context["allowPrivilegeEscalation"]
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert "limits" in container["resources"]


def test_no_more_workers_are_asked_for_than_partitions_and_every_server_is_guarded() -> None:
    (scaled,) = [each for each in rendered() if each["kind"] == "ScaledObject"]
    assert scaled["spec"]["maxReplicaCount"] == 12
    (workers,) = [each for each in rendered() if each["kind"] == "StatefulSet"]
    assert "replicas" not in workers["spec"]
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        named = {each["metadata"]["name"] for each in rendered() if each["kind"] == kind}
        assert named == {"emc-worker", "emc-api", "emc-gateway"}


def test_what_stands_beside_it_is_told() -> None:
    text = (ROOT / "deploy" / "README.md").read_text("utf-8")
    section = text.partition("## On Kubernetes")[2].partition("\n## ")[0]
    for name in ("Kafka", "ClickHouse", "Prometheus", "Alertmanager", "Grafana", "KEDA"):
        assert name in section
