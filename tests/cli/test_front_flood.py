"""Strangers at ClickHouse's interface of `emc up` while events come in: the worker in its process goes on."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from portal.kept_answers import MOST as KEPT
from sinks.readonly.engine import LIMITS, MOST_ANSWER, STREAMS
from tests.cli.conftest import Service
from tests.cli.processes import wait_until

MOST_MORE = STREAMS * (LIMITS["max_memory_usage"] + MOST_ANSWER) + KEPT + (64 << 20) + (64 << 20)
"""Bytes that the interface may add to the process, as docs/security.md says: queries and what they have
written, answers that are being read, small ones, statements."""
OWN = 256 << 20
"""Bytes that the rest of the process may need more meanwhile than it did at rest."""
_NAME = "x" * 10_000
WORST = (
    f"SELECT number AS {_NAME} FROM numbers(100000) FORMAT JSONEachRow",
    "SELECT repeat(char(1), 199) FROM numbers(75000) FORMAT JSON",
    "SELECT count() FROM numbers(400000) AS a, numbers(400000) AS b WHERE a.number * b.number = 7",
    "SELECT groupArray(number) FROM numbers(100000000)",
    "SELECT count(DISTINCT number) FROM numbers(400000000)",
    "SELECT materialize(repeat('x', 1000000)) FROM numbers(5000) FORMAT TSV",
    "SELECT number FROM numbers(300000000) ORDER BY sipHash64(number) LIMIT 100000, 10",
    "SELECT " + "a," * 120_000,
)
UNREAD = b"SELECT repeat('x', 150) FROM numbers(90000)"  # larger than a connection's buffers
EVENTS, START = 100, "2041-03-01"


@contextmanager
def flooded(url: str) -> Iterator[list[str]]:
    """Asks all of the worst again and again, holds connections half open and unread; what was answered."""
    ending, answered = threading.Event(), list[str]()

    def ask(statement: str) -> None:
        number = 0
        while not ending.is_set():
            number += 1
            with suppress(httpx.HTTPError):  # every second time the asker leaves soon, else a little later
                patience = 0.5 if number % 2 else 5.0
                with httpx.stream("POST", url, content=statement, timeout=patience) as answer:
                    answered.append(str(answer.status_code))

    askers = [threading.Thread(target=ask, args=(statement,)) for statement in WORST]
    with ExitStack() as stack:
        for number in range(320):
            stranger = stack.enter_context(socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)))
            head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(UNREAD)
            with suppress(OSError):
                stranger.sendall(head + UNREAD if number % 16 == 0 else head[: number % len(head)])
        for asker in askers:
            asker.start()
        try:
            yield answered
        finally:
            ending.set()
            for asker in askers:
                asker.join()


def sent(service: Service) -> None:
    """Sends as many events of H44, in a month of their own, and waits until they are in the rates."""
    for number in range(EVENTS):
        one = {
            "specversion": "1.0", "id": f"f{number}", "source": "/agencies/H44/flood",
            "type": "vn.emc.dossier.v1", "subject": f"H44-410305-{number:08}",
            "time": "2026-03-05T08:31:07+07:00",
            "data": {"channel": "online", "status": 2, "received_at": "2041-03-05T08:30:00+07:00"},
        }  # fmt: skip
        media = {"Content-Type": "application/cloudevents+json"}
        answer = httpx.post(f"{service.ready['api']}/v1/events", json=one, headers=media, timeout=60)
        assert answer.json()["accepted"] == 1, answer.text
    wait_until(lambda: counted(service) == EVENTS)


def counted(service: Service) -> int:
    """The dossiers of that month that are in the rates."""
    asked = {"metric": "online_submission", "definition": "channel", "agency": "H44", "start": START}
    return sum(rate["denominator"] for rate in service.get("/v1/rates", **asked).json()["rates"])


def held(pid: int, what: str) -> int:
    """Bytes that a process holds, or held at most."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{what}:"))


def descriptors(pid: int, which: str = "") -> int:
    """How many files a process has open; `which`: only those that are called so."""
    found = list[str]()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            found.append(str(file.readlink()))
    return sum(name.startswith(which) for name in found)


def test_the_worker_goes_on_while_strangers_flood_clickhouses_interface(service: Service) -> None:
    pid, front = service.process.pid, service.ready["clickhouse"].rpartition("/")[0]
    before, sockets = held(pid, "VmRSS"), descriptors(pid, "socket:")
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="utf-8")  # the peak begins anew
    with flooded(front) as answered:
        sent(service)
        wait_until(lambda: len(answered) > 1)
        assert descriptors(pid) < 1000, "as many as a process may have where nobody says more"
    assert held(pid, "VmHWM") - before < MOST_MORE + OWN
    wait_until(lambda: httpx.get(front, params={"query": "SELECT 1"}, timeout=60).text == "1\n")
    wait_until(lambda: descriptors(pid, "socket:") < sockets + 10)
    assert counted(service) == EVENTS
