"""Ports are the usual ones unless asked otherwise, or taken."""

import socket
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli import options, printing
from cli.runtime.data_directory import hold
from cli.runtime.usual_ports import USUAL, listening, usual_port
from emc.errors import DataDirectoryError


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


def test_of_a_directory_that_another_has_nothing_else_is_told(
    free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(USUAL, "port", free)
    with hold(tmp_path, "up") as held, socket.socket() as taking:
        held.announce("http://127.0.0.1:1", "127.0.0.1:2")
        taking.bind(("127.0.0.1", free))
        taking.listen()
        with pytest.raises(DataDirectoryError, match="is held by another process"):
            listening(tmp_path, "up", "127.0.0.1", port=0)
    assert capsys.readouterr().err == ""
