"""The doctor, on a real broker, a real engine and a running service: what it finds, and what it advises."""

import re
import time
from collections.abc import Iterable

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import AlterConfigOp, ConfigResource, ConfigResourceType

from cli.commands.doctor_clickhouse import ClickHouse
from cli.commands.doctor_kafka import Kafka
from cli.commands.doctor_transactions import examine_transactions
from cli.commands.findings import Finding, by_limits, clock
from deploy.broker import Broker
from deploy.topics import ensure_topics
from emc.errors import ComponentError
from emc.translation import Language, speaker
from tests.cli.conftest import Service
from tests.cli.processes import complaint, emc, lines, wait_until
from tests.engine import embedded_database

WORDS = re.compile(r"[a-z]{3,} [a-z]{2,}")
in_vietnamese = speaker(Language.VI, at_terminal=True)


def untold(text: str) -> list[str]:
    """What stays English of a text, which may be several things in a row."""
    parts = [] if in_vietnamese(text) != text else text.split("; ")
    return [part for part in parts if WORDS.search(part) and in_vietnamese(part) == part]


def by_check(findings: Iterable[Finding]) -> dict[str, Finding]:
    """By name; each check is told once."""
    found = list(findings)
    named = {finding.check: finding for finding in found}
    assert len(named) == len(found)
    assert all((finding.advice is None) == (finding.status == "ok") for finding in found)
    assert [part for each in found for text in (each.found, each.advice or "") for part in untold(text)] == []
    return named


def examined(broker: Broker, events: str, role: str = "worker") -> dict[str, Finding]:
    return by_check(Kafka(broker.bootstrap, {}, role, events=events, group=events).examine())


def alter(broker: Broker, topic: str, **settings: str) -> None:
    """Sets topic settings and waits until the broker shows them; `_` in a name stands for `.`."""
    changes = {name.replace("_", "."): (AlterConfigOp.SET, value) for name, value in settings.items()}
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, changes)])
        wait_until(lambda: shown(admin, topic).items() >= {n: v for n, (_, v) in changes.items()}.items())


def shown(admin: KafkaAdminClient, topic: str) -> dict[str, str]:
    """The settings of a topic as the broker tells them; it accepts a change before it shows it."""
    told = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
    return {name: setting["value"] for name, setting in told["topic"][topic].items()}


def test_topics_as_the_contract_wants_them(broker: Broker, topic_names: tuple[str, str]) -> None:
    events, rejected = topic_names
    found = examined(broker, events)
    assert found["kafka brokers"].status == found["kafka version"].status == "ok"
    assert found[f"topic {events}"].found == "12 partitions, 1 copy of each"
    assert found[f"topic {events}"].status == "warn", "one copy is no deployment"
    assert found[f"settings of {events}"].status == found[f"settings of {rejected}"].status == "ok"
    assert found["kafka permissions"].status == "ok"
    assert found["newest event"].found == "none has arrived yet"


def test_a_transaction_that_hangs_is_named_with_how_it_is_ended(
    broker: Broker, topic_names: tuple[str, str]
) -> None:
    events, _ = topic_names
    sender = KafkaProducer(bootstrap_servers=broker.bootstrap, transactional_id=f"{events}-hanging")
    sender.init_transactions()
    sender.begin_transaction()
    stored = sender.send(events, b"[]", b"H25", partition=3).get(30)
    try:
        assert examined(broker, events)["kafka transactions"].found == "open: 1, none hangs"
        with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
            later = time.time() + 120
            found = by_check(examine_transactions(admin, events, 12, later))["kafka transactions"]
            (producer,) = admin.describe_producers([TopicPartition(events, 3)]).popitem()[1].active_producers
    finally:
        sender.abort_transaction()
        sender.close()
    assert (stored.offset, found.status) == (0, "fail")
    assert found.found == f"hanging: partition 3 since offset 0, producer {producer.producer_id}"
    assert f"abort --topic {events} --partition …" in str(found.advice)
    assert examined(broker, events)["kafka transactions"].status == "ok"


def test_absent_topics_are_told(broker: Broker) -> None:
    found = examined(broker, "doctor-absent")
    assert found["topic doctor-absent"] == Finding(
        "topic doctor-absent", "fail", "there is none", "Run `emc topics`."
    )
    assert "workers" not in found


def test_settings_that_make_numbers_wrong_are_told(broker: Broker, topic_names: tuple[str, str]) -> None:
    events, rejected = topic_names
    alter(broker, events, message_timestamp_type="CreateTime")
    alter(broker, rejected, max_message_bytes="1000000")
    found = examined(broker, events)
    assert found[f"settings of {events}"].status == "fail"
    assert "message.timestamp.type is CreateTime, not LogAppendTime" in found[f"settings of {events}"].found
    assert found[f"settings of {rejected}"].status == "fail"
    assert "max.message.bytes is 1000000, less than" in found[f"settings of {rejected}"].found


def test_a_limited_retention_is_doubtful(broker: Broker) -> None:
    events = "doctor-limited.events"
    ensure_topics(broker.bootstrap, 1, events=events, events_retention_days=30)
    found = examined(broker, events)[f"settings of {events}"]
    assert (found.status, found.found) == ("warn", "events are dropped after 30 days")


def test_no_worker_is_told(broker: Broker, topic_names: tuple[str, str]) -> None:
    found = examined(broker, topic_names[0])["workers"]
    assert found.status == "fail"
    assert "emc worker" in (found.advice or "")


def test_an_open_kafka_is_told_to_the_gateway(broker: Broker, topic_names: tuple[str, str]) -> None:
    found = examined(broker, topic_names[0], "gateway")
    assert found["kafka permissions"].status == "warn"
    assert "workers" not in found, "a gateway may not ask for the group"


def test_sending_measures_the_clock(broker: Broker, topic_names: tuple[str, str]) -> None:
    examination = Kafka(broker.bootstrap, {}, "gateway", events=topic_names[0])
    found = by_check(examination.send())
    assert found["kafka write"].status == found["kafka clock"].status == "ok"
    assert "arrived" in examined(broker, topic_names[0])["newest event"].found


def test_a_refused_batch_is_told(broker: Broker) -> None:
    with KafkaProducer(bootstrap_servers=broker.bootstrap):
        (found,) = Kafka(broker.bootstrap, {}, "gateway", events="doctor-nowhere").send()
    assert (found.check, found.status) == ("kafka write", "fail")


def test_no_broker_is_an_error_with_its_address() -> None:
    with pytest.raises(ComponentError, match=r"127\.0\.0\.1:1 does not answer"):
        list(Kafka("127.0.0.1:1", {}, "worker").examine())


def test_tables_before_and_after_the_migrations() -> None:
    with embedded_database(migrated=False) as database:
        assert (
            by_check(ClickHouse(database, "worker").examine())["migrations"].found == "there is no database"
        )
        database.create()
        assert by_check(ClickHouse(database, "worker").examine())["migrations"].status == "fail"
    with embedded_database() as database:
        found = by_check(ClickHouse(database, "worker").examine())
        assert {finding.status for finding in found.values() if not finding.check.startswith("disk")} == {
            "ok"
        }
        assert found["clickhouse permissions"].found == "as worker: reads and writes"


def test_tables_that_are_not_there_and_tables_of_a_newer_program() -> None:
    with embedded_database() as database:
        database.command("DROP TABLE conflicts SYNC")
        database.insert("migrations", {"number": [9999], "name": ["9999_later.sql"], "applied_at": [0]})
        found = by_check(ClickHouse(database, "worker").examine())
        assert (found["migrations"].status, found["migrations"].found) == ("warn", "unknown here: 9999")
        assert found["tables"].status == "fail"
        assert "conflicts" in found["tables"].found
        database.command("ALTER TABLE migrations DELETE WHERE number = 1 SETTINGS mutations_sync = 1")
        assert by_check(ClickHouse(database, "worker").examine())["migrations"].found == "not applied: 1"


def test_an_api_that_may_write_and_a_topic_made_anew() -> None:
    with embedded_database() as database:
        place: dict[str, list[object]] = {
            "topic_id": ["of another topic"],
            "partition": [0],
            "next_offset": [1],
        }
        row: dict[str, list[object]] = {"agency": ["H25"], "version": [1], "as_of": [0], "written_at": [0]}
        database.insert("commits", row | place)
        found = by_check(ClickHouse(database, "api").examine("a topic"))
        assert found["clickhouse permissions"].status == "warn"
        assert found["positions"].status == "warn"
        assert found["rates"].found.startswith("1 agency,")


@pytest.mark.parametrize(("ahead", "status"), [(0.5, "ok"), (-2.5, "ok"), (3.1, "warn"), (-62.0, "fail")])
def test_clocks_are_judged_beyond_what_could_be_measured(ahead: float, status: str) -> None:
    found = clock("a clock", ahead, 1.0)
    assert found.status == status
    assert ("ahead of" in found.found) == (ahead > 0)


def test_limits_are_judged_from_the_first_to_the_second() -> None:
    assert [by_limits("parts", n, "", 2, 4, "do").status for n in (2, 3, 4)] == ["ok", "warn", "fail"]


def test_a_running_service_is_well(service: Service) -> None:
    result = emc("doctor", "--data-dir", service.data_dir, "--json")
    found = {line["check"]: line for line in lines(result.stdout)}
    assert result.returncode == 0, result.stdout
    assert found["api"]["status"] == found["workers"]["status"] == found["lag"]["status"] == "ok"
    told = emc("doctor", "--data-dir", service.data_dir)
    assert told.returncode == 0
    assert "ok    workers" in told.stdout
    assert "replication" not in told.stdout, "one broker is what `emc up` is"
    assert found["disk"]["found"].endswith("GiB free")


def test_what_does_not_answer_fails_with_advice_and_no_traceback() -> None:
    nowhere = (
        "--kafka",
        "127.0.0.1:1",
        "--clickhouse",
        "http://127.0.0.1:1/emc",
        "--api",
        "http://127.0.0.1:1",
    )
    result = emc("doctor", *nowhere, "--json")
    assert (result.returncode, result.stderr) == (1, "")
    failed = {line["check"]: line for line in lines(result.stdout) if line["status"] == "fail"}
    assert set(failed) == {"kafka", "clickhouse", "api"}
    assert all(line["advice"] for line in failed.values())


def test_sending_without_kafka_is_asked_wrongly() -> None:
    assert complaint("doctor", "--send", code=2) == "emc: --send needs --kafka"
