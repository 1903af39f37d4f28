"""One running service for the tests that only need some service."""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.processes import Running, done


class Service(Running):
    """A service with a small simulated month in it."""

    def __init__(self, data_dir: Path) -> None:
        self.log = data_dir.parent / f"{data_dir.name}.log"
        super().__init__("up", "--data-dir", data_dir, log=self.log)
        self.data_dir = data_dir

    def clickhouse(self, sql: str) -> str:
        """What its read-only ClickHouse answers, as text."""
        answer = httpx.get(self.ready["clickhouse"].rpartition("/")[0], params={"query": sql}, timeout=60)
        assert answer.is_success, answer.text
        return answer.text.strip()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Runs for the whole session; tests add to it, each under a period of its own."""
    started = Service(tmp_path_factory.mktemp("service"))
    try:
        done("simulate", "--data-dir", started.data_dir, "--scale", "0.02")
        started.settle()
        yield started
    finally:
        code = started.stop()
        print(started.log.read_text(encoding="utf-8"), file=sys.stderr)  # shown with what failed
        assert code == 0
