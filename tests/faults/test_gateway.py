"""What the gateway answered with 202 counts exactly once, whatever becomes of broker and worker meanwhile."""

from pathlib import Path

from benchmarks.gateway import Sender, differs, measure, token_for_senders
from deploy.ports import free_ports
from tests.cli.processes import Running, open_to_others

AGENCIES = ("H25", "H26", "H44", "H56")
SECONDS = 3.0


def test_every_202_counts_once_through_a_restart_of_broker_worker_and_tables(tmp_path: Path) -> None:
    kafka, api, clickhouse = free_ports(3)
    monitor = ("up", "--data-dir", tmp_path / "data", "--log-level", "ERROR")
    ports = ("--kafka-port", kafka, "--port", api, "--clickhouse-port", clickhouse)
    services = [Running(*monitor, *ports)]
    gateway = Running(
        *("gateway", "--kafka", services[0].ready["kafka"], "--log-level", "ERROR"),
        *("--clickhouse", services[0].ready["clickhouse"]),
    )
    try:
        token = token_for_senders(tmp_path / "data")
        senders = [
            Sender(gateway.ready["gateway"], agency, token, size, first)
            for agency in AGENCIES
            for size, first in ((20, 0), (1, 50_000_000))
        ]

        taken_before: list[int] = []

        def restart() -> None:
            taken_before.extend(sender.taken for sender in senders)
            services.pop().stop()
            services.append(Running(*monitor, *ports))

        measure(senders, SECONDS, restart)
        sent = dict.fromkeys(AGENCIES, 0)
        for sender in senders:
            sent[sender.agency] += sender.taken
        # Whether a request was refused meanwhile or waited for the broker depends on how long it was away.
        assert min(taken_before) > 0
        assert all(sender.taken > before for sender, before in zip(senders, taken_before, strict=True))
        services[0].settle()
        assert not differs(services[0], sent)
        assert open_to_others(tmp_path / "data") == []
    finally:
        gateway.stop()
        for service in services:
            service.stop()
