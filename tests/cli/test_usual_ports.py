"""Ports are the usual ones unless asked otherwise, or taken."""

import socket

import click
import pytest
from click.testing import CliRunner

from cli import options, printing
from cli.runtime.usual_ports import USUAL, usual_port


@click.command
@options.port
def told(port: int) -> None:
    """Tells the port that would be taken."""
    printing.say(str(usual_port("port", port)))


@pytest.fixture
def free() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
    return found


def test_the_usual_port_is_taken_when_none_is_asked_for(free: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(USUAL, "port", free)
    assert CliRunner().invoke(told, []).stdout == f"{free}\n"
    assert CliRunner().invoke(told, ["--port", "0"]).stdout == "0\n"
    assert CliRunner().invoke(told, [], env={"EMC_PORT": "7"}).stdout == "7\n"
    with socket.socket() as taking:
        taking.bind(("127.0.0.1", free))
        taking.listen()
        result = CliRunner().invoke(told, [])
    assert result.stdout == "0\n"
    assert f"Port {free} is taken: the API gets another one" in result.stderr
