"""docker-compose.yml and the image, as far as they can be judged without starting a container."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.memory import LIMITS
from benchmarks.resident import MIB
from dashboards.alerts.thresholds import site_thresholds
from deploy.image_requirements import EMBEDDED, needed, read_lock
from emc.registry import load_registry
from tests.cli.processes import clean_environment
from tests.tools.wanted import path_of

ROOT = Path(__file__).parents[2]
PRODUCTION = ("--env-file", "deploy/env/production.env")
VARIANTS = {
    "default": (),
    "single": ("--env-file", "deploy/env/single.env"),
    "production": PRODUCTION,
    "production named": (*PRODUCTION, "--profile", "production"),
}
NODES = ["kafka-1", "kafka-2", "kafka-3"]
_PINNED = re.compile(r".+:v?\d+\.\d+\.\d+(-[a-z0-9.-]+)?")


_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


def resolved(*arguments: str) -> dict[str, Any]:
    """The configuration with its variables put in, as Compose does: every one of them has a default."""
    given: dict[str, str] = {}
    if arguments:
        lines = (ROOT / arguments[1]).read_text("utf-8").splitlines()
        given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    found: dict[str, Any] = _put_in(yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8")), given)
    return found


def _put_in(value: Any, given: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _put_in(part, given) for name, part in value.items()}
    if isinstance(value, list):
        return [_put_in(part, given) for part in value]
    if not isinstance(value, str):
        return value
    text = _VARIABLE.sub(lambda found: given.get(found[1]) or found[2], value)
    assert "$" not in text, f"a variable without a default: {value}"
    return text


@pytest.mark.needs("docker-compose")
@pytest.mark.parametrize("variant", VARIANTS)
def test_docker_compose_accepts_it(variant: str) -> None:
    environment = {
        name: value for name, value in clean_environment().items() if not name.startswith("COMPOSE_")
    }
    command = [str(path_of("docker-compose")), *VARIANTS[variant], "config"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "not set" not in done.stderr
    expected = resolved(*VARIANTS[variant])
    found = yaml.safe_load(done.stdout)
    assert set(found["services"]) == set(expected["services"])
    for name, service in expected["services"].items():
        assert found["services"][name].get("environment") == service.get("environment")
        assert found["services"][name]["image"] == service["image"]


@pytest.fixture(scope="module", params=VARIANTS)
def config(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each of the ways to start it."""
    return resolved(*VARIANTS[request.param])


def test_every_profile_is_accepted(config: dict[str, Any]) -> None:
    ours = {"kafka-setup", "worker", "api", "gateway", "proxy"}
    expected = {*NODES, *ours, "clickhouse", "prometheus", "alertmanager", "grafana"}
    assert set(config["services"]) == expected


def test_every_service_is_pinned_unprivileged_and_limited(config: dict[str, Any]) -> None:
    for name, service in config["services"].items():
        assert _PINNED.fullmatch(service["image"]), name
        user = service["user"].split(":")[0]
        assert user.isdigit(), name
        assert user != "0", name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory"} <= set(limits), name


def test_a_worker_may_take_what_it_needs_at_most_and_a_quarter_more(config: dict[str, Any]) -> None:
    """What `make bench-memory` holds it to; the alert before the limit fires above that, and not below."""
    memory: str = config["services"]["worker"]["deploy"]["resources"]["limits"]["memory"]
    assert memory.endswith("m")
    limit = int(memory.removesuffix("m")) * MIB
    assert limit == LIMITS["worker"] * 1.25
    shipped = site_thresholds(None, load_registry())
    assert LIMITS["worker"] < limit * shipped.pipeline.memory < limit


def test_services_tell_whether_they_are_well_and_wait_for_each_other(config: dict[str, Any]) -> None:
    services = config["services"]
    for name, service in services.items():
        assert "healthcheck" in service or name == "kafka-setup", name
        for other, wanted in service.get("depends_on", {}).items():
            assert wanted["condition"] != "service_started", name
            assert "healthcheck" in services[other] or wanted["condition"] == "service_completed_successfully"
    assert services["worker"]["depends_on"]["kafka-setup"]["condition"] == "service_completed_successfully"


def test_only_loopback_is_published(config: dict[str, Any]) -> None:
    for service in config["services"].values():
        for port in service.get("ports", []):
            assert str(port).startswith("127.0.0.1:"), port


def test_data_is_in_named_volumes_and_configuration_is_read_only(config: dict[str, Any]) -> None:
    for name, service in config["services"].items():
        for volume in service.get("volumes", []):
            source, _, rest = volume.partition(":")
            if source.startswith("./"):
                assert rest.endswith(":ro"), f"{name}: {volume}"
            else:
                assert source in config["volumes"], f"{name}: {volume}"


def test_configuration_that_is_mounted_is_there(config: dict[str, Any]) -> None:
    for service in config["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert not source.startswith("./") or (ROOT / source).exists(), source


def test_secrets_come_from_files_and_are_granted_one_by_one(config: dict[str, Any], tmp_path: Path) -> None:
    subprocess.run([ROOT / "deploy" / "make-secrets", tmp_path], check=True, capture_output=True)
    made = {path.name for path in tmp_path.iterdir()}
    assert set(config["secrets"]) == made
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    granted = {name: set(service.get("secrets", [])) for name, service in config["services"].items()}
    assert set().union(*granted.values()) <= made
    assert granted["worker"] == {"kafka_worker_password", "clickhouse_writer_password", "metrics_token"}
    assert granted["api"] == {"kafka_api_password", "clickhouse_api_password", "metrics_token"}
    for service in config["services"].values():
        for name, value in (service.get("environment") or {}).items():
            assert "PASSWORD" not in name or not value or value.startswith("/run/secrets/"), name


def test_secrets_are_made_once_and_fit_where_they_go(tmp_path: Path) -> None:
    def make() -> dict[str, str]:
        subprocess.run(
            [ROOT / "deploy" / "make-secrets", tmp_path / "secrets"], check=True, capture_output=True
        )
        return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    first = make()
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", secret) for secret in first.values())
    assert len(set(first.values())) == len(first)
    assert make() == first


def test_production_settings_reach_everybody_who_speaks_to_kafka() -> None:
    services = resolved(*PRODUCTION)["services"]
    for name, user in (("worker", "worker"), ("api", "api"), ("kafka-setup", "admin")):
        environment = services[name]["environment"]
        assert environment["EMC_KAFKA_SECURITY_PROTOCOL"] == "SASL_PLAINTEXT"
        assert environment["EMC_KAFKA_SASL_MECHANISM"] == "SCRAM-SHA-512"
        assert environment["EMC_KAFKA_USERNAME"] == user
        assert environment["EMC_KAFKA_PASSWORD_FILE"] == f"/run/secrets/kafka_{user}_password"
        assert environment["EMC_KAFKA"].count(",") == 2
    assert services["kafka-setup"]["environment"]["KAFKA_BROKERS"] == "3"
    for number, node in enumerate(NODES, 1):
        environment = services[node]["environment"]
        assert environment["KAFKA_PROFILE"] == "production"
        assert environment["KAFKA_NODE"] == str(number)
        assert environment["KAFKA_HOST"] == node
        assert f"{number}@{node}:9094" in environment["KAFKA_VOTERS"]
    assert len({services[node]["environment"]["KAFKA_CLUSTER_ID"] for node in NODES}) == 1


def test_the_profile_switches_the_further_nodes_on() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    assert "name" not in services, "docker-compose 1.29 knows no top-level name"
    with_profile = {name for name, service in services["services"].items() if service.get("profiles")}
    assert with_profile == {"kafka-2", "kafka-3"}
    assert "COMPOSE_PROFILES=production" in (ROOT / PRODUCTION[1]).read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"KAFKA_NODE": "2"}, "node 2 belongs to the production profile"),
        ({"KAFKA_PROFILE": "prod"}, "KAFKA_PROFILE is 'prod', expected single or production"),
        (
            {"KAFKA_PROFILE": "production", "KAFKA_SECRETS": "/nonexistent"},
            "kafka_broker_password cannot be read",
        ),
    ],
)
def test_a_node_that_cannot_start_says_why(settings: dict[str, str], said: str, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "KAFKA_CLUSTER_ID": "x", "KAFKA_DATA": str(tmp_path)} | settings
    done = subprocess.run(
        [ROOT / "deploy" / "kafka" / "start"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert said in done.stderr


def test_the_image_holds_what_runs_and_nothing_else() -> None:
    packages = read_lock((ROOT / "requirements.lock").read_text("utf-8"))
    chosen = {package.name: package for package in needed(packages)}
    assert {"faust-streaming", "kafka-python", "clickhouse-connect", "fastapi", "aiokafka"} <= set(chosen)
    assert not {"pytest", "mypy", "ruff", "hypothesis", *EMBEDDED} & set(chosen)
    assert all("--hash=sha256:" in package.text for package in chosen.values())
    everything = {package.name: package for package in needed(packages, frozenset())}
    assert set(everything) - set(chosen) >= EMBEDDED


def test_the_commands_of_the_image_do_without_the_embedded_engine_and_broker() -> None:
    blocked = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {set(EMBEDDED)!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import click, cli.main, cli.runtime.deployed, deploy.access
context = click.Context(cli.main.emc)
print([cli.main.emc.get_command(context, name) for name in cli.main.emc.list_commands(context)])
"""
    subprocess.run([sys.executable, "-c", blocked], cwd=ROOT, check=True)


def test_the_dockerfile_is_pinned_and_copies_what_is_there() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", base) for base in bases)
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in allowed, source
