"""The production profile's Kafka: its own files, three nodes, users and permissions, with the real worker."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, TopicAuthorizationFailedError

from cli.commands.doctor_kafka import Kafka
from cli.commands.findings import Finding
from deploy.access import Access, apply, read_access, read_passwords
from deploy.topics import EVENTS, REJECTED_SUFFIX
from emc.errors import ComponentError
from emc.instants import format_instant, now_us
from producers.client import Client
from streams.reading.topic import TopicReader
from tests.cli.processes import COMMAND, clean_environment, lines, wait_until
from tests.deploy.production import FOLDER, Nodes, login
from tests.engine import Front

pytestmark = pytest.mark.timeout(300)


def access_with_an_agency() -> Access:
    """What the file says, and an agency's user whom it names nowhere."""
    access = read_access()
    return replace(access, users=(*access.users, "agency"))


def settings(nodes: Nodes, user: str) -> dict[str, str]:
    """The environment in which a command of ours is this user."""
    return {
        "EMC_KAFKA": nodes.bootstrap,
        "EMC_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "EMC_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "EMC_KAFKA_USERNAME": user,
        "EMC_KAFKA_PASSWORD_FILE": str(nodes.secrets / f"kafka_{user}_password"),
    }


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """The cluster after deploy/kafka/setup, with one user more."""
    with Nodes(tmp_path_factory.mktemp("production")) as started:
        environment = settings(started, "admin") | {
            "KAFKA_BROKERS": "3",
            "KAFKA_SECRETS": str(started.secrets),
        }
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        done = subprocess.run(
            [FOLDER / "setup"],
            env=clean_environment(**environment, PATH=path),
            cwd=FOLDER.parents[1],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert f"{EVENTS}: made, 12 partitions, 3 copies" in done.stdout
        access = access_with_an_agency()
        passwords = read_passwords(started.secrets, access.users)
        given = apply(started.bootstrap, passwords, access, brokers=3, client=login("admin"))
        assert given == (0, 0), "setup gave every permission, and no other"
        yield started


def write(nodes: Nodes, user: str, topic: str = EVENTS, *, idempotent: bool = True) -> None:
    """One empty batch, which counts nowhere."""
    more = {"max_block_ms": 20_000, "enable_idempotence": idempotent, "acks": "all"}
    with KafkaProducer(bootstrap_servers=nodes.bootstrap, **more, **login(user)) as producer:
        producer.send(topic, b"[]", b"H25").get(20)


def read(nodes: Nodes, user: str) -> bytes:
    """The first message of a partition that has one."""
    with KafkaConsumer(
        bootstrap_servers=nodes.bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
        **login(user),
    ) as consumer:
        consumer.assign([TopicPartition(EVENTS, number) for number in range(12)])
        return bytes(next(consumer).value)


def test_the_gateway_writes_and_an_agency_is_refused(nodes: Nodes) -> None:
    write(nodes, "gateway")
    for user in ("agency", "api"):
        with pytest.raises(TopicAuthorizationFailedError):
            write(nodes, user, idempotent=False)
        with pytest.raises(KafkaError, match="AuthorizationFailed"):
            write(nodes, user)
    with pytest.raises(TopicAuthorizationFailedError):
        write(nodes, "gateway", EVENTS + REJECTED_SUFFIX)


def test_only_the_worker_reads(nodes: Nodes) -> None:
    write(nodes, "gateway")
    assert read(nodes, "worker") == b"[]"
    for user in ("gateway", "api"):
        with pytest.raises(TopicAuthorizationFailedError):
            read(nodes, user)


def test_an_agency_does_not_even_see_the_topics(nodes: Nodes) -> None:
    with KafkaAdminClient(bootstrap_servers=nodes.bootstrap, **login("agency")) as admin:
        assert admin.describe_topics() == []
        (hidden,) = admin.describe_topics([EVENTS])
    assert hidden["error_code"] == TopicAuthorizationFailedError.errno


def test_who_does_not_prove_it_is_nobody(nodes: Nodes) -> None:
    short = {"bootstrap_servers": nodes.bootstrap, "bootstrap_timeout_ms": 1500, "request_timeout_ms": 1500}
    wrong = login("gateway") | {"sasl_plain_password": "another-password"}
    for client in (wrong, {}):
        with pytest.raises(KafkaError):
            KafkaAdminClient(**short, **client).close()


def event(number: int) -> dict[str, object]:
    """A dossier received today."""
    time = format_instant(now_us() - 1_000_000)
    return {
        "specversion": "1.0",
        "id": f"production-{number}",
        "source": "/agencies/H25/test",
        "type": "vn.emc.dossier.v1",
        "subject": f"H25-260105-{number:04}",
        "time": time,
        "data": {"received_at": "2026-01-05T08:00:00+07:00", "channel": "online"},
    }


def test_a_worker_reads_what_the_gateway_writes(nodes: Nodes, tmp_path: Path) -> None:
    with Front(tmp_path / "engine") as front:
        url = front.url("emc")
        worker = subprocess.Popen(
            [*COMMAND, "worker", "--clickhouse", url, "--data-dir", str(tmp_path / "worker")],
            env=clean_environment(**settings(nodes, "worker")),
            stdout=subprocess.PIPE,
        )
        try:
            assert worker.stdout is not None
            assert b"health" in worker.stdout.readline()
            with Client(nodes.bootstrap, kafka=login("gateway")) as client:
                for number in range(3):
                    client.send("H25", event(number))
                client.send("H25", {"specversion": "1.0"})  # refused, which takes the right to keep it
            api = TopicReader(nodes.bootstrap, EVENTS, "emc", **login("api"))
            wait_until(lambda: api.lag() == 0, 40)
            api.close()
        finally:
            worker.terminate()
            assert worker.wait(30) == 0
        rates = subprocess.run(
            [*COMMAND, "rates", "--json", "--clickhouse", url, "--agency", "H25", "--start", "2026-01-01"],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert '"metric":"online_submission"' in rates
    assert '"numerator":3,"denominator":3' in rates


def test_an_agency_cannot_join_the_workers(nodes: Nodes) -> None:
    where = {"bootstrap_servers": nodes.bootstrap, "group_id": "emc", "request_timeout_ms": 5000}
    with (
        KafkaConsumer(**where, **login("agency")) as consumer,
        pytest.raises(KafkaError, match="Authorization"),
    ):
        consumer.committed(TopicPartition(EVENTS, 0))


def test_who_may_not_see_the_settings_is_told_which_permission_is_missing(nodes: Nodes) -> None:
    reader = TopicReader(nodes.bootstrap, EVENTS, "emc", **login("gateway"))
    with pytest.raises(ComponentError, match="DESCRIBE_CONFIGS"):
        reader.facts()
    reader.close()


def diagnosis(nodes: Nodes, user: str, role: str) -> dict[str, Finding]:
    """What the doctor finds when it is this user."""
    return {finding.check: finding for finding in Kafka(nodes.bootstrap, login(user), role).examine()}


def test_the_doctor_judges_what_each_user_may_do(nodes: Nodes) -> None:
    worker = diagnosis(nodes, "worker", "worker")
    assert worker[f"topic {EVENTS}"].found == "12 partitions, 3 copies of each"
    assert worker[f"settings of {EVENTS}"].status == worker["kafka permissions"].status == "ok"
    assert diagnosis(nodes, "gateway", "gateway")["kafka permissions"].status == "ok"
    hidden = diagnosis(nodes, "agency", "gateway")[f"topic {EVENTS}"]
    assert (hidden.status, hidden.found) == ("fail", "this user may not see it")


def test_the_doctor_is_who_the_settings_say(nodes: Nodes) -> None:
    done = subprocess.run(
        [*COMMAND, "doctor", "--json"],
        env=clean_environment(**settings(nodes, "gateway")),
        capture_output=True,
        text=True,
        check=False,
    )
    found = {line["check"]: line for line in lines(done.stdout)}["kafka permissions"]
    assert done.returncode == 1
    assert (found["status"], found["found"]) == ("fail", f"as worker: no READ ({EVENTS})")


def test_kafkas_own_tools_are_let_in_as_admin(nodes: Nodes) -> None:
    done = subprocess.run(
        [FOLDER / "tool", "kafka-configs.sh", "--describe", "--topic", EVENTS],
        env=nodes.environment(1),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "message.timestamp.type=LogAppendTime" in done.stdout


def test_what_the_file_no_longer_names_is_taken_away(nodes: Nodes) -> None:
    access = access_with_an_agency()
    passwords = read_passwords(nodes.secrets, access.users)
    rights = frozenset(p for p in access.permissions if p.user != "gateway")
    assert apply(nodes.bootstrap, passwords, replace(access, permissions=rights), client=login("admin")) == (
        0,
        1,
    )
    with pytest.raises(TopicAuthorizationFailedError):
        write(nodes, "gateway")
    assert apply(nodes.bootstrap, passwords, access, client=login("admin")) == (1, 0)
    write(nodes, "gateway")


def test_nobody_else_sets_permissions(nodes: Nodes) -> None:
    access = access_with_an_agency()
    passwords = read_passwords(nodes.secrets, access.users)
    with pytest.raises(ComponentError, match=r"refuses|does not tell"):
        apply(nodes.bootstrap, passwords, access, client=login("gateway"))


def test_no_password_and_no_key_reaches_the_log(nodes: Nodes) -> None:
    said = "".join(nodes.log(node) for node in (1, 2, 3))
    assert "-password" not in said
    assert "storedKey" not in said
