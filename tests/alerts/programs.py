"""Prometheus, Alertmanager and their tools, as Debian packages them, run on loopback for a test."""

import json
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.tools import wanted

T = TypeVar("T")
DEADLINE = 240.0


def path_of(program: str) -> str:
    """Where the program is; the test fails when it is absent, which its mark should have told."""
    found = wanted.path_of(program)
    if found is None:
        pytest.fail(f"{program} is absent: mark the test with needs({program!r})")
    return str(found)


def run(program: str, *arguments: str | Path) -> str:
    """What the program prints; the test fails with that when the program does."""
    done = subprocess.run(
        [path_of(program), *map(str, arguments)], capture_output=True, text=True, timeout=280
    )
    if done.returncode:
        pytest.fail(f"{program} {' '.join(map(str, arguments))}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


@contextmanager
def prometheus(config: Path, data: Path) -> Iterator[str]:
    """A running Prometheus; gives its URL."""
    arguments = [
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        "--web.listen-address=127.0.0.1:0",
        # alerts of the first seconds find no Alertmanager, and are sent again only after this
        "--rules.alert.resend-delay=1s",
    ]
    with _running("prometheus", arguments, data) as url:
        yield url


@contextmanager
def alertmanager(config: Path, data: Path) -> Iterator[str]:
    """A running Alertmanager; gives its URL."""
    arguments = [
        f"--config.file={config}",
        f"--storage.path={data}",
        "--web.listen-address=127.0.0.1:0",
        "--cluster.listen-address=",
    ]
    with _running("prometheus-alertmanager", arguments, data) as url:
        yield url


@contextmanager
def _running(program: str, arguments: list[str], data: Path) -> Iterator[str]:
    data.mkdir(parents=True, exist_ok=True)
    log = data / "log"
    with log.open("w") as output:
        process = subprocess.Popen([path_of(program), *arguments], stdout=output, stderr=output)
    try:
        yield "http://" + until(lambda: _address(process, log))
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str | None:
    """Where it listens, once it has said so."""
    text = log.read_text()
    if process.poll() is not None:
        pytest.fail(f"{process.args!r} ended:\n{text}")
    for line in text.splitlines():
        if 'msg="Listening on"' in line:
            return line.rpartition("address=")[2].strip()
    return None


def until(ask: Callable[[], T | None], deadline: float = DEADLINE) -> T:
    """The first answer that is not None (or empty); fails when none comes."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.1)
    pytest.fail(f"nothing came within {deadline:g} s")


def get(url: str, **parameters: str) -> Any:
    """The JSON that a URL answers; None while nothing listens there."""
    query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
    try:
        with urllib.request.urlopen(url + query, timeout=10) as answer:
            return json.load(answer)
    except OSError:
        return None


def post(url: str, content: object) -> None:
    """Sends JSON."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(content).encode(), headers)
    urllib.request.urlopen(request, timeout=10).close()


def ask_prometheus(url: str, expression: str) -> list[tuple[dict[str, str], float]]:
    """Labels and value of each series that the expression gives now."""
    found = get(f"{url}/api/v1/query", query=expression)
    if found is None:
        return []
    return [(each["metric"], float(each["value"][1])) for each in found["data"]["result"]]
