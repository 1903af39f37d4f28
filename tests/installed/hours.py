"""A service that a page starts, and the commands that the page prints beside it."""

import json
import re
import subprocess

import httpx

from tests.cli.processes import wait_until
from tests.installed.conftest import Installed


class Hour:
    """A service that was started as the page says; `log` is what it has told so far."""

    def __init__(self, installed: Installed, command: str) -> None:
        self._installed, self._log = installed, installed.folder / "log"
        self.folder, self.language = installed.folder, installed.environment.get("EMC_LANG", "en")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command.split(),
                cwd=installed.folder,
                env=installed.environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        self.addresses: dict[str, str] = json.loads(self._process.stdout.readline())

    @property
    def log(self) -> list[dict[str, object]]:
        lines = self._log.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def check(self, command: str, expected: str, code: int = 0) -> None:
        """Runs a command as it is printed, but for a port that another program had taken."""
        here = self.addresses["api"].removeprefix("http://")
        found = self._installed.run(command.replace("127.0.0.1:8000", here))
        assert found.returncode == code, (command, found.stdout, found.stderr)
        told = found.stdout + found.stderr
        assert re.search(expected, told, re.DOTALL | re.MULTILINE), (command, told)

    def told_of_ports(self) -> bool:
        """Whether the usual ports are taken, or it was said that others are."""
        said = self._log.read_text("utf-8")
        usual = {"kafka": 9092, "api": 8000, "clickhouse": 8123}
        return all(
            f":{port}" in self.addresses[name] or f"Port {port} is taken" in said
            for name, port in usual.items()
        )

    def stop(self) -> int:
        self._process.terminate()
        return self._process.wait(120)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def settle(self) -> None:
        """Returns when everything sent so far counts."""
        wait_until(lambda: httpx.get(f"{self.addresses['api']}/v1/health").json()["lag"] == 0)
